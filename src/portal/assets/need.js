// Works out an infant's need again whenever an entry changes: the form is sent as an estimate, and only the parts
// that show the result are put in. Nothing is asked for before somebody presses Send.
const SETTLE_MS = 350;
let waiting = null;
let latest = 0;

async function ask(form) {
  const mine = ++latest;
  const fields = new URLSearchParams(new FormData(form));
  fields.set("act", "estimate");
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body: fields, redirect: "manual" });
  } catch {
    return;
  }
  if (!answer.ok || mine !== latest) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of form.querySelectorAll("[data-part]")) {
    const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!other) continue;
    if (part.contains(document.activeElement)) {
      // Somebody is choosing here: only the words under the choices change.
      const notes = part.querySelectorAll("small");
      for (const [index, note] of [...other.querySelectorAll("small")].entries()) {
        if (notes[index]) notes[index].textContent = note.textContent;
      }
    } else {
      part.innerHTML = other.innerHTML;
    }
  }
}

export function estimate() {
  const form = document.querySelector("form[data-estimate]");
  if (!form) return;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => ask(form), SETTLE_MS);
  });
}
