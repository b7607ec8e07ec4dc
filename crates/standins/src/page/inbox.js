// Shows new messages as they come. The list is replaced only when it changed, so that a selection
// or a screen reader is not disturbed for nothing.
const list = document.getElementById("messages");
const fresh = document.createElement("template");

async function refresh() {
  try {
    const answer = await fetch(`/messages${location.search}`);
    if (answer.ok) {
      fresh.innerHTML = await answer.text();
      if (fresh.innerHTML !== list.innerHTML) list.replaceChildren(fresh.content);
    }
  } catch {
    // The stand-ins are down or restarting: the next look will tell.
  }
  setTimeout(refresh, document.hidden ? 10000 : 1500);
}
refresh();
