// A photograph of a seal and a signature on the glass. A step names each by its hash; the picture itself follows when the
// signal allows, each once.
const LONGEST_SIDE = 1000;
const MOST_BYTES = 200000;
const PAPER = { width: 1000, height: 300 };

async function fingerprint(bytes) {
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return `sha256:${[...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

async function smaller(file) {
  const picture = await createImageBitmap(file);
  for (const part of [1, 0.7, 0.5, 0.3]) {
    const scale = Math.min(1, (LONGEST_SIDE * part) / Math.max(picture.width, picture.height));
    const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.75 });
    if (blob.size <= MOST_BYTES) return new Uint8Array(await blob.arrayBuffer());
  }
  return null;
}

function base64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export function bytesOf(proof) {
  if (proof.kind === "signature") return new TextEncoder().encode(proof.content);
  return Uint8Array.from(atob(proof.content), (letter) => letter.charCodeAt(0));
}

function takePhoto(form, shown) {
  const photo = form.querySelector("[data-photo]");
  if (!photo) return;
  photo.hidden = false;
  photo.querySelector("input").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    const bytes = file ? await smaller(file).catch(() => null) : null;
    shown.photo = bytes ? { kind: "photo", content: base64(bytes) } : null;
    form.elements.photo_ref.value = bytes ? await fingerprint(bytes) : "";
  });
}

function takeSignature(form, shown) {
  const field = form.querySelector("[data-sign]");
  if (!field) return;
  field.hidden = false;
  const paper = field.querySelector("svg");
  let strokes = "";
  let last = "";
  const draw = async () => {
    paper.querySelector("path").setAttribute("d", strokes);
    shown.signature = strokes ? { kind: "signature", content: strokes } : null;
    form.elements.drawn_ref.value = strokes ? await fingerprint(new TextEncoder().encode(strokes)) : "";
  };
  const point = (event) => {
    const box = paper.getBoundingClientRect();
    const within = (part, most) => Math.round(Math.min(1, Math.max(0, part)) * most);
    const x = within((event.clientX - box.left) / box.width, PAPER.width);
    return `${x} ${within((event.clientY - box.top) / box.height, PAPER.height)}`;
  };
  paper.addEventListener("pointerdown", (event) => {
    paper.setPointerCapture(event.pointerId);
    last = point(event);
    strokes += `M${last}`;
    draw();
  });
  paper.addEventListener("pointermove", (event) => {
    const next = point(event);
    if (!paper.hasPointerCapture(event.pointerId) || next === last || strokes.length > 11900) return;
    strokes += `${strokes.lastIndexOf("L") > strokes.lastIndexOf("M") ? " " : "L"}${next}`;
    last = next;
    draw();
  });
  field.querySelector("button").addEventListener("click", () => {
    strokes = "";
    draw();
  });
}

// What a form shows beside its step: filled while the driver draws and takes photographs.
export function takeProofs(form) {
  const shown = { photo: null, signature: null };
  if (!crypto.subtle) return shown;
  takePhoto(form, shown);
  takeSignature(form, shown);
  return shown;
}
