// A job of several steps goes on by itself, until somebody follows the way out of it.
const PAUSE_MS = 250;

export function goOn() {
  const form = document.querySelector("form[data-go-on]");
  if (form) setTimeout(() => form.requestSubmit(), Number(form.dataset.goOn) || PAUSE_MS);
}
