"use strict";
// What pages do beyond being read: the living part of Pipeline, and keys. Everything works without it.
const live = document.getElementById("live");
if (live && window.EventSource) {
  const liveness = document.getElementById("liveness");
  const source = new EventSource(live.dataset.from);
  source.onopen = () => { liveness.textContent = "live"; };
  source.onerror = () => { liveness.textContent = "no connection, trying again"; };
  source.onmessage = (event) => { live.innerHTML = event.data; }; // a part of this page, escaped by our own server
}
document.addEventListener("keydown", (event) => {
  const writes = event.target.closest("input, select, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey || writes) return;
  if (event.key === "/") {
    const box = document.querySelector("form.search input");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  } else if (event.key === "j" || event.key === "k") {
    const hits = [...document.querySelectorAll(".hit h2 a")];
    const at = hits.indexOf(document.activeElement);
    const next = hits[event.key === "j" ? at + 1 : Math.max(at - 1, 0)];
    if (next) next.focus();
  }
});
