// The driver's page without a signal: what is pressed is kept on the phone and sent in order when the signal is back,
// each step once, under the name that the page gave it. Nothing is shown as done before it is at least kept.
import { bytesOf, takeProofs } from "./driver-proofs.js";

const { drive: code, device } = document.body.dataset;
const KEY = `milkbridge-drive-${(code ?? "").slice(0, 24)}`;
const CLOCK = `${KEY}-clock`;
const PROOFS = `${KEY}-proofs`;
const RETRY_MS = 15000;
const PATIENCE_MS = 20000;
const words = document.body.dataset;
let sending = false;

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
}

function keptProofs() {
  try {
    return JSON.parse(localStorage.getItem(PROOFS) ?? "[]");
  } catch {
    return [];
  }
}

// A full phone loses the picture, never the step.
function keepProofs(proofs) {
  try {
    localStorage.setItem(PROOFS, JSON.stringify(proofs));
  } catch {
    refuse(words.noRoom);
  }
}

function keep(steps) {
  localStorage.setItem(KEY, JSON.stringify(steps));
  show();
}

// The hub's clock may not be the phone's (a training hub runs its own): the page says what time it was made. A page
// that comes back from the phone itself is old: how far the clocks are apart was noted when it was new.
function ahead() {
  try {
    const known = JSON.parse(localStorage.getItem(CLOCK) ?? "{}");
    if (known.made === words.now) return known.ahead;
    const fresh = { made: words.now, ahead: (Date.parse(words.now) || Date.now()) - Date.now() };
    localStorage.setItem(CLOCK, JSON.stringify(fresh));
    return fresh.ahead;
  } catch {
    return 0;
  }
}
const clocksApart = ahead();
function now() {
  return new Date(Date.now() + clocksApart).toISOString();
}

function show() {
  const banner = document.getElementById("unsent");
  const waiting = kept().length + keptProofs().length;
  banner.hidden = waiting === 0;
  banner.querySelector("span").textContent = words.unsent.replace("%n%", String(waiting));
  const done = new Set(kept().filter((step) => step.what !== "arrived").map((step) => step.stop_id));
  const there = new Set(kept().filter((step) => step.what === "arrived").map((step) => step.stop_id));
  let shown = false;
  for (const stop of document.querySelectorAll("[data-stop]")) {
    const over = done.has(stop.dataset.stop);
    const holder = stop.closest(".later-stop") ?? stop;
    holder.hidden = over || shown;
    shown ||= !over;
    const arrive = stop.querySelector('form[data-then="stay"]');
    if (there.has(stop.dataset.stop)) {
      arrive.hidden = true;
      stop.querySelector('form[data-then="next"] button[type="submit"]').classList.add("btn-primary");
    }
  }
  for (const later of document.querySelectorAll("[data-later]")) {
    const stop = document.querySelector(`[data-stop="${later.dataset.later}"]`);
    later.hidden = done.has(later.dataset.later) || !(stop.closest(".later-stop")?.hidden ?? true);
  }
}

function refuse(why) {
  const alert = document.getElementById("refused");
  alert.hidden = false;
  alert.querySelector("p").textContent = why;
  alert.focus();
}

async function sendProofs() {
  for (const proof of keptProofs()) {
    const address = `/portal/drive/${code}/proofs/${proof.kind}`;
    const answer = await fetch(address, { method: "POST", body: bytesOf(proof), signal: AbortSignal.timeout(PATIENCE_MS) });
    // What is not taken now is not taken later either; only a hub that is ill is asked again.
    if (answer.status >= 500) return;
    keepProofs(keptProofs().filter((other) => other.content !== proof.content));
    show();
  }
}

async function send() {
  const steps = kept().slice(0, 50);
  if (sending || steps.length + keptProofs().length === 0) return;
  sending = true;
  try {
    if (steps.length === 0) {
      await sendProofs();
      if (keptProofs().length === 0) location.reload();
      return;
    }
    const answer = await fetch("/v1/driver/steps", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code, device, steps }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.status === 401 || answer.status === 403) return location.reload();
    if (!answer.ok) return;
    const told = await answer.json();
    const answered = new Map(told.steps.map((step) => [step.step_ref, step]));
    keep(kept().filter((step) => !answered.has(step.step_ref)));
    const refused = told.steps.filter((step) => step.outcome === "refused");
    if (refused.length > 0) {
      return refuse(refused.map((step) => step.detail).join(" "));
    }
    await sendProofs();
    if (kept().length + keptProofs().length === 0) location.reload();
  } catch {
    // No signal: it stays kept, and goes by itself later.
  } finally {
    sending = false;
  }
}

function stepOf(form) {
  const fields = new FormData(form);
  const step = { stop_id: fields.get("stop"), step_ref: fields.get("step_ref"), what: fields.get("what"), at: now() };
  for (const name of ["problem", "note", "seal_number", "handover_code", "signature_ref", "photo_ref"]) {
    const value = (fields.get(name) ?? "").toString().trim();
    if (value) step[name] = value;
  }
  const drawn = (fields.get("drawn_ref") ?? "").toString();
  if (drawn) step.signature_ref = drawn;
  const seen = (fields.get("box") ?? "").toString().trim();
  if (seen) step.box_code = seen;
  return step;
}

// The whole code of a box, or at least its last four letters.
function isOtherBox(form) {
  const seen = form.elements.box?.value.replace(/\s/gu, "").toLowerCase() ?? "";
  if (seen === "") return false;
  const whole = form.elements.transfer.value;
  return !seen.endsWith(form.elements.code.value.toLowerCase()) && !(seen.length >= 4 && whole.endsWith(seen));
}

// A box that was handed over with nothing to show for it: asked for once, as the hub does without script.
function lacksProof(form, step) {
  const asked = form.elements.asked;
  if (!asked || asked.value || step.handover_code || step.signature_ref || step.photo_ref) return false;
  asked.value = "yes";
  return true;
}

for (const form of document.querySelectorAll("form[data-step]")) {
  const shown = takeProofs(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isOtherBox(form)) return refuse(words.other.replace("%code%", form.elements.code.value));
    const step = stepOf(form);
    if (lacksProof(form, step)) return refuse(words.noProof);
    keepProofs([...keptProofs(), ...Object.values(shown).filter(Boolean)]);
    keep([...kept(), step]);
    document.getElementById("refused").hidden = true;
    document.getElementById("main").focus();
    send();
  });
}

addEventListener("online", send);
setInterval(send, RETRY_MS);
show();
send();
document.querySelector("[data-focus]")?.focus();

// The page and what it loads are kept on the phone at once: the signal may go before it is opened a second time.
async function keepPage() {
  await navigator.serviceWorker.register("/portal/drive/worker.js");
  await navigator.serviceWorker.ready;
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const cache = await caches.open("milkbridge-drive-1");
  await cache.addAll([location.href, ...new Set(loaded.filter((name) => name.includes("/portal/assets/")))]);
  document.documentElement.dataset.kept = "";
}
if ("serviceWorker" in navigator) keepPage().catch(() => {});
