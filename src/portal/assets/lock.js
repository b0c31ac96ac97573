// Shared computers: when nobody has touched the page for as long as the server waits, nothing of it is left to
// read. Without anything typed the page is loaded again and the server shows its lock. With something typed the
// server's lock is put over the blank page, and what was typed is there again once the password was shown.
const LOOK_MS = 15000;
let last = Date.now();
let typed = false;

function blank() {
  document.body.classList.add("is-locked");
}

async function doorFrom(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector(".door");
}

async function takeFreshTokens() {
  const answer = await fetch("/portal/", { headers: { "Portal-Refresh": "1" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("input[name=form-token]")?.value;
  if (!token) return;
  for (const field of document.querySelectorAll("input[name=form-token]")) field.value = token;
}

async function showDoor(answer, dialog = document.createElement("dialog")) {
  const door = await doorFrom(answer);
  if (!door) return location.reload();
  dialog.className = "lock-door";
  dialog.replaceChildren(document.adoptNode(door));
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  if (!dialog.isConnected) document.body.append(dialog);
  if (!dialog.open) dialog.showModal();
  const form = dialog.querySelector("form");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const body = new URLSearchParams(new FormData(form));
    const reply = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (reply.type !== "opaqueredirect") return showDoor(reply, dialog);
    await takeFreshTokens();
    dialog.remove();
    document.body.classList.remove("is-locked");
    last = Date.now();
  });
}

export function lockWhenIdle() {
  if (!("signed" in document.body.dataset)) return;
  const patience = Number(document.body.dataset.idleMinutes) * 60000;
  const there = () => {
    if (!document.body.classList.contains("is-locked")) last = Date.now();
  };
  for (const kind of ["pointerdown", "keydown", "scroll", "touchstart"]) addEventListener(kind, there, { passive: true });
  addEventListener("input", (event) => {
    typed ||= event.target.closest("form")?.method === "post";
  });
  setInterval(async () => {
    if (Date.now() - last < patience || document.body.classList.contains("is-locked")) return;
    blank();
    if (!typed) return location.reload();
    try {
      const answer = await fetch("/portal/", { headers: { "Portal-Refresh": "1" } });
      await showDoor(answer);
    } catch {
      // No connection: the page stays blank and asks again with the next look.
      document.body.classList.remove("is-locked");
      document.body.classList.add("is-blank");
      return;
    }
    document.body.classList.remove("is-blank");
  }, LOOK_MS);
}
