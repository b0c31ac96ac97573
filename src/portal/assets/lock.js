// Shared computers: when nobody has touched the page for as long as the server waits, the page is loaded again
// and the server shows the lock. Until then nothing of it is left to read.
export function lockWhenIdle() {
  if (!("signed" in document.body.dataset)) return;
  const patience = Number(document.body.dataset.idleMinutes) * 60000;
  let last = Date.now();
  const there = () => {
    last = Date.now();
  };
  for (const kind of ["pointerdown", "keydown", "scroll", "touchstart"]) addEventListener(kind, there, { passive: true });
  setInterval(() => {
    if (Date.now() - last < patience || document.querySelector("form[data-typed]")) return;
    document.body.classList.add("is-locked");
    location.reload();
  }, 15000);
  // A form with something typed into it stays: the server asks for the password when it is sent.
  addEventListener("input", (event) => {
    const form = event.target.closest("form");
    if (form?.method === "post") form.dataset.typed = "yes";
  });
}
