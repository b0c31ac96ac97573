// Keeps countdowns fresh. The words come from the server with every refresh; between refreshes only the fuse
// burns down, and the thresholds of 60, 15 and 5 minutes are said aloud once.
const THRESHOLDS = [60, 15, 5];
const said = new Map();

function minutesLeft(due) {
  return Math.floor((Date.parse(due.dataset.deadline) - now()) / 60000);
}

// In a simulation the hub's clock is not the browser's: the page says what time it was made.
const made = Date.parse(document.querySelector("[data-now]")?.dataset.now ?? "") || Date.now();
const opened = Date.now();
function now() {
  return made + (Date.now() - opened);
}

function announce(due, minutes) {
  const status = document.getElementById("say-status");
  const reached = THRESHOLDS.filter((threshold) => minutes <= threshold && minutes > 0).pop();
  const before = said.get(due.dataset.deadline);
  if (reached === undefined || before === reached) return;
  said.set(due.dataset.deadline, reached);
  if (before === undefined && minutes < reached - 1) return;
  const what = due.closest(".work")?.querySelector("h3")?.textContent ?? "";
  status.textContent = status.dataset.soon.replace("%minutes%", String(minutes)).replace("%what%", what);
}

export function tick() {
  const once = () => {
    for (const due of document.querySelectorAll(".due[data-deadline]")) announce(due, minutesLeft(due));
  };
  once();
  setInterval(once, 20000);
}
