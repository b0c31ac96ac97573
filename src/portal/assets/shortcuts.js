// Single keys, for those who want them: g and a digit goes to a page of the navigation, / to the scan field.
// Each person can switch them off (WCAG 2.1.4).
let leading = 0;

export function listenForKeys() {
  if (!("shortcuts" in document.body.dataset)) return;
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "/") {
      event.preventDefault();
      document.getElementById("scan-any")?.focus();
    } else if (event.key === "g") {
      leading = event.timeStamp;
    } else if (/^[1-9]$/.test(event.key) && event.timeStamp - leading < 1200) {
      document.querySelectorAll(".nav a")[Number(event.key) - 1]?.click();
    }
  });
}
