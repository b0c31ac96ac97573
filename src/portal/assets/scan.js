// A keyboard scanner types a code in a burst and ends it with Enter. Outside of a field such a burst goes to the
// scan field of the header, so that a scan anywhere leads to the next step.
const BURST_MS = 45;
const SHORTEST = 6;
let typed = "";
let last = 0;

export function catchScans() {
  const field = document.getElementById("scan-any");
  if (!field) return;
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    const pause = event.timeStamp - last;
    last = event.timeStamp;
    if (event.key === "Enter" && typed.length >= SHORTEST && pause < BURST_MS * 4) {
      event.preventDefault();
      field.value = typed;
      typed = "";
      field.form.requestSubmit();
      return;
    }
    if (event.key.length !== 1) return;
    typed = pause < BURST_MS ? typed + event.key : event.key;
  });
}
