// Makes the page from /api/<path>.json: what a reader without scripts never sees.
async function show() {
  const answer = await fetch("/api" + location.pathname + ".json");
  const story = await answer.json();
  document.title = story.title;
  const article = document.createElement("article");
  const add = (tag, text) => {
    const element = document.createElement(tag);
    element.textContent = text;
    article.append(element);
  };
  add("h1", story.title);
  add("address", story.author);
  for (const paragraph of story.paragraphs) add("p", paragraph);
  document.getElementById("root").append(article);
}
show();
