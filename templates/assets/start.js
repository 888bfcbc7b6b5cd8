// Starts the design system and gives every script request the page's token.
"use strict";
DKFDS.init();

const token = document.querySelector('meta[name="csrf-token"]').content;

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["x-csrf-token"] = token;
});

// What showed the progress of work is gone from the answer: the work is over, and the whole page is new.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "work" && !event.detail.serverResponse.includes('id="work"')) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});

// A file goes up with the token in a header, so that it can be refused before it is read.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.enctype !== "multipart/form-data" || form.dataset.sent) return;
  event.preventDefault();
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form, event.submitter),
    headers: { "x-csrf-token": token, accept: "text/html" },
  });
  if (answer.redirected) {
    location.assign(answer.url);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.querySelector("main").replaceWith(page.querySelector("main"));
  document.title = page.title;
  document.querySelector("#error-summary, h1")?.focus();
});

// A search box that narrows the rows of a long list in the page; without scripts the list stays whole.
for (const box of document.querySelectorAll("input[data-narrows]")) {
  const list = document.getElementById(box.dataset.narrows);
  const groups = [...list.querySelectorAll("details")];
  const opened = new Set(groups.filter((group) => group.open));
  box.closest("[hidden]")?.removeAttribute("hidden");
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  box.addEventListener("input", () => {
    const words = box.value.trim().toLocaleLowerCase();
    for (const group of groups) {
      let found = 0;
      for (const row of group.querySelectorAll("tbody tr")) {
        row.hidden = !row.textContent.toLocaleLowerCase().includes(words);
        found += row.hidden ? 0 : 1;
      }
      group.hidden = found === 0;
      group.open = words ? found > 0 : opened.has(group);
    }
  });
}
