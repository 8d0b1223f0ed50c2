// A document's own page: dark as chosen in the chat or else as the system is, the quote in view,
// links that can be copied.
"use strict";
const chosen = (() => { try { return JSON.parse(localStorage.getItem("tiaowen-theme")); } catch { return null; } })();
const dark = typeof chosen === "string" ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.classList.toggle("dark", dark);
document.getElementById("twd-print")?.addEventListener("click", () => print());
const quoted = document.querySelector("mark");
if (quoted) {
  quoted.classList.add("twd-now");
  addEventListener("load", () => quoted.scrollIntoView({ block: "center" }));
}
document.addEventListener("click", (event) => {
  const here = event.target.closest(".twd-here");
  if (!here || !navigator.clipboard) return;
  navigator.clipboard.writeText(here.href).then(() => {
    const live = document.getElementById("twd-live");
    live.textContent = document.body.dataset.copied;
    setTimeout(() => { live.textContent = ""; }, 2000);
  }, () => {});
});
