// Starts the design system and gives every script request the page's token.
"use strict";
DKFDS.init();

const token = document.querySelector('meta[name="csrf-token"]').content;

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["x-csrf-token"] = token;
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
