// A form that the server can judge before it is sent: after a change what was typed is sent to be checked, and the
// list of rules beside the form shows the answer. Nothing is saved, and a fault of the network changes nothing.
const SETTLE_MS = 700;

export function checkWhileTyping() {
  const form = document.querySelector("form[data-check]");
  const list = form && document.getElementById(form.dataset.check);
  if (!list) return;
  list.setAttribute("aria-live", "polite");
  let waiting = null;
  let latest = 0;
  const check = async () => {
    const turn = ++latest;
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "check");
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    } catch {
      return;
    }
    if (!answer.ok || turn !== latest) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const other = fresh.getElementById(form.dataset.check);
    if (other && other.innerHTML !== list.innerHTML) list.innerHTML = other.innerHTML;
  };
  form.addEventListener("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(check, SETTLE_MS);
  });
}
