// Scans with the camera where the browser reads codes itself. Where it cannot, the button stays hidden and a photograph
// goes to the hub instead, made small first: a slow line should not carry what nobody looks at.
const LOOK_MS = 200;
const LONGEST_SIDE = 2000;
const FORMATS = ["data_matrix", "code_128", "qr_code"];

async function openCamera(dialog) {
  const supported = await BarcodeDetector.getSupportedFormats();
  const detector = new BarcodeDetector({ formats: FORMATS.filter((format) => supported.includes(format)) });
  const video = dialog.querySelector("video");
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  await video.play();
  return new Promise((found) => {
    const timer = setInterval(async () => {
      const [code] = await detector.detect(video).catch(() => []);
      if (code?.rawValue) found(code.rawValue);
    }, LOOK_MS);
    dialog.addEventListener("close", () => {
      clearInterval(timer);
      for (const track of video.srcObject?.getTracks() ?? []) track.stop();
      video.srcObject = null;
      found("");
    }, { once: true });
  });
}

async function smaller(file) {
  const picture = await createImageBitmap(file);
  const part = LONGEST_SIDE / Math.max(picture.width, picture.height);
  if (part >= 1) return file;
  const canvas = new OffscreenCanvas(Math.round(picture.width * part), Math.round(picture.height * part));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new File([await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 })], "label.jpg", { type: "image/jpeg" });
}

export function scanByCamera() {
  const way = document.querySelector("[data-camera]");
  const dialog = document.getElementById("camera");
  if (way && dialog && "BarcodeDetector" in window && navigator.mediaDevices?.getUserMedia) {
    way.hidden = false;
    dialog.querySelector("button").addEventListener("click", () => dialog.close());
    way.querySelector("button").addEventListener("click", async () => {
      const status = way.querySelector("[role=status]");
      status.textContent = "";
      dialog.showModal();
      const code = await openCamera(dialog).catch(() => {
        status.textContent = status.dataset.refused;
        return "";
      });
      dialog.close();
      const field = document.getElementById(way.dataset.camera);
      if (!code) return field.focus();
      field.value = code;
      field.form.requestSubmit();
    });
  }
  const photo = document.querySelector("form[data-photo-scan] input[type=file]");
  photo?.addEventListener("change", async () => {
    const [file] = photo.files;
    if (!file) return;
    const sent = await smaller(file).catch(() => file);
    const files = new DataTransfer();
    files.items.add(sent);
    photo.files = files.files;
    photo.form.requestSubmit();
  });
}
