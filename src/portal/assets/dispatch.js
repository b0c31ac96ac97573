// A card can be dragged onto a vehicle. The menu does the same, and is what works without a mouse; the server finds
// the place in the route, or says why there is none.
export function dragCards() {
  const form = document.getElementById("dropped");
  if (!form) return;
  const ready = () => {
    for (const card of document.querySelectorAll("[data-box]")) card.draggable = true;
  };
  ready();
  new MutationObserver(ready).observe(document.getElementById("main"), { childList: true, subtree: true });
  let dragged = null;
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-box]") ?? null;
    if (dragged) event.dataTransfer.setData("text/plain", dragged.dataset.box);
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    for (const lane of document.querySelectorAll(".is-target")) lane.classList.remove("is-target");
  });
  document.addEventListener("dragover", (event) => {
    const lane = event.target.closest?.("[data-shift]");
    if (!dragged || !lane) return;
    event.preventDefault();
    for (const other of document.querySelectorAll(".is-target")) other.classList.remove("is-target");
    lane.classList.add("is-target");
  });
  document.addEventListener("drop", (event) => {
    const lane = event.target.closest?.("[data-shift]");
    if (!dragged || !lane) return;
    event.preventDefault();
    form.elements.transfer.value = dragged.dataset.box;
    form.elements.shift.value = lane.dataset.shift;
    form.requestSubmit();
  });
}
