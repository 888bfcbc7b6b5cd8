// Runs in the head: tells the style sheet that scripts work.
document.documentElement.classList.add("js");
