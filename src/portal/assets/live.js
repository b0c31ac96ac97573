// Hears from the hub that something changed and fetches the lists of the page anew. A row that has the focus, or
// holds an open menu, is never moved or replaced under somebody's hands.
const SETTLE_MS = 400;
let waiting = null;
let missed = false;

async function refresh() {
  waiting = null;
  let answer;
  try {
    answer = await fetch(location.href, { headers: { "Portal-Refresh": "1" }, redirect: "manual" });
  } catch {
    return say("offline");
  }
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = fresh.title;
  for (const [index, count] of [...document.querySelectorAll("[data-count]")].entries()) {
    const other = fresh.querySelectorAll("[data-count]")[index];
    if (other) count.textContent = other.textContent;
  }
  for (const part of document.querySelectorAll("[data-part]")) {
    const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!other || other.innerHTML === part.innerHTML) continue;
    if (part.contains(document.activeElement)) {
      missed = true;
      continue;
    }
    part.replaceWith(document.adoptNode(other));
    say("changed");
  }
}

function say(what) {
  const status = document.getElementById("say-status");
  status.textContent = status.dataset[what];
}

function soon() {
  waiting ??= setTimeout(refresh, SETTLE_MS);
}

export function listen() {
  const address = document.body.dataset.live;
  if (!address || !("EventSource" in window)) return;
  const source = new EventSource(address);
  source.addEventListener("changed", soon);
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) say("offline");
  });
  document.addEventListener("focusout", () => {
    if (!missed) return;
    missed = false;
    soon();
  });
  addEventListener("pagehide", () => source.close());
}
