// The chat page: chips lead into the document beside them; copying, sharing, rating, exporting.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = location.pathname.endsWith("/en/") ? "../" : "./";
  const base = new URL(root, location.href.split(/[?#]/)[0]).href; // as the visitor knows it
  const markdownOf = (turn) => turn.dataset.markdown.replaceAll("\ufffc", base);
  const texts = () => $("#tw-bar")?.dataset ?? {};
  const kept = (name) => { try { return JSON.parse(localStorage.getItem(name)) ?? {}; } catch { return {}; } };
  const keep = (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* private window */ } };

  // A screen reader says what changes in a region that was there before.
  function region(id, className = "") {
    const found = document.getElementById(id);
    if (found) return found;
    const made = Object.assign(document.createElement("div"), { id, className });
    made.setAttribute("role", "status");
    made.setAttribute("aria-live", "polite");
    document.body.append(made);
    return made;
  }

  function announce(text) {
    const live = region("tw-live");
    live.textContent = text;
    live.classList.add("tw-shown");
    clearTimeout(announce.timer);
    announce.timer = setTimeout(() => live.classList.remove("tw-shown"), 2000);
  }

  // The document pane: always one document, with the quotes of one answer marked.
  let shown = "", wanted = 0; // what was asked for last wins, whatever arrives last
  async function show(document_, quotes, now, anchor, go = true) {
    const paper = $("#tw-paper");
    if (!paper) return;
    const query = quotes.map((quote) => `quote=${quote}`).join("&");
    const address = `${root}documents/${encodeURIComponent(document_)}`;
    const turn = ++wanted;
    if (shown !== address + query) {
      const language = root === "./" ? "zh" : "en";
      const response = await fetch(`${address}?part=article&language=${language}&${query}`);
      if (!response.ok) { announce(texts().failed); return; }
      const html = await response.text();
      if (turn !== wanted) return;
      paper.innerHTML = html;
      shown = address + query;
      $("#tw-choose").value = document_;
      paper.setAttribute("aria-label", $("#tw-choose").selectedOptions[0]?.textContent ?? "");
    }
    $("#tw-alone").href = `${address}${query && "?" + query}${anchor ? "#" + anchor : ""}`;
    const marks = now ? all(`mark[data-quote="${now}"]`, paper) : [];
    all("mark.twd-now", paper).forEach((mark) => mark.classList.remove("twd-now"));
    marks.forEach((mark) => mark.classList.add("twd-now"));
    const target = marks[0] ?? (anchor && document.getElementById(decodeURIComponent(anchor)));
    if (target && (go || !narrow())) scrollPaper(paper, target);
  }

  function scrollPaper(paper, target) {
    if (narrow()) { target.scrollIntoView({ block: "center" }); return; }
    const top = target.getBoundingClientRect().top - paper.getBoundingClientRect().top;
    paper.scrollTo({ top: paper.scrollTop + top - paper.clientHeight / 3, behavior: "instant" });
  }

  function unmark() {
    all("#tw-paper mark").forEach((mark) => mark.replaceWith(...mark.childNodes));
    $("#tw-paper")?.normalize();
    shown = "";
    wanted++;
  }

  const narrow = () => matchMedia("(max-width: 860px)").matches;

  // Shows what a chip, a source or a near clause leads to, with all that its answer quotes there.
  function follow(link, go = true) {
    const turn = link.closest(".tw-turn");
    const quotes = all(".tw-chip", turn)
      .filter((chip) => chip.dataset.document === link.dataset.document)
      .map((chip) => chip.dataset.quote);
    const anchor = link.dataset.anchor ?? new URL(link.href).hash.slice(1);
    return show(link.dataset.document, quotes, link.dataset.quote, anchor, go);
  }

  // Every time the conversation is written anew: ratings are shown again, the last answer's
  // quotes are marked, and a screen reader hears it.
  let last = "";
  function written() {
    const rated = kept("tiaowen-rated");
    all(".tw-turn[data-id]").forEach((turn) => {
      const rating = rated[turn.dataset.id];
      all("[data-do=up], [data-do=down]", turn).forEach((button) =>
        button.setAttribute("aria-pressed", String(button.dataset.do === rating)));
    });
    const conversation = $("#tw-conversation");
    const turn = $(".tw-turn[data-last]");
    const pending = $(".tw-pending");
    if (pending) pending.closest(".tw-turn").scrollIntoView({ block: "nearest" });
    if ((turn?.dataset.id ?? "") === last) return;
    last = turn?.dataset.id ?? "";
    if (!turn) { unmark(); return; }
    if (new URL(location.href).searchParams.has("q")) history.replaceState(null, "", location.pathname);
    const reply = $(".tw-answer, .tw-refusal", turn);
    region("tw-log", "tw-hidden").textContent = reply.textContent;
    const room = conversation.clientHeight;
    conversation.scrollTop = turn.offsetHeight > room ? turn.offsetTop - conversation.offsetTop : conversation.scrollHeight;
    if (narrow()) turn.scrollIntoView({ block: "nearest" });
    const chip = $(".tw-chip", turn);
    if (chip) follow(chip, false);
    else unmark();
  }

  function ask(question) {
    const box = $("#tw-box textarea");
    box.value = question;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    requestAnimationFrame(() => $("#tw-ask").click());
  }

  // What is asked is seen at once, however long the server takes to say so.
  function pend() {
    const question = $("#tw-box textarea")?.value.trim();
    const before = $("#tw-conversation")?.textContent;
    if (!question || $(".tw-pending")) return;
    setTimeout(() => {
      if ($("#tw-conversation").textContent !== before) return;
      const turn = Object.assign(document.createElement("article"), { className: "tw-turn" });
      const asked = Object.assign(document.createElement("div"), { className: "tw-you", textContent: question });
      const working = Object.assign(document.createElement("div"), { className: "tw-pending", textContent: texts().working });
      turn.append(asked, working);
      ($(".tw-thread") ?? $(".tw-start"))?.append(turn);
    }, 150);
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // not on a secure origin
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    announce(texts().copied);
  }

  function save(name, blob) {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  const turns = () => all(".tw-turn[data-turn]").map((turn) => JSON.parse(turn.dataset.turn));
  const post = (path, body) => fetch(root + path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });

  // Ratings of one answer are sent one after the other: what was said last is what is kept.
  const sending = new Map();
  function rate(turn, rating, reason) {
    const all_ = turns();
    const { question, response } = JSON.parse(turn.dataset.turn);
    const place = all_.findIndex((one) => one.response.id === response.id);
    const body = {
      answer_id: response.id, rating, reason, question,
      history: all_.slice(0, place).slice(-20).map((one) => ({ role: "user", content: one.question })),
      answerable: response.answerable, answer: response.refusal?.message ?? response.answer,
      citations: response.citations.map((c) => ({
        document_id: c.document_id, start_char_index: c.start_char_index, end_char_index: c.end_char_index,
      })),
    };
    const sent = (sending.get(response.id) ?? Promise.resolve()).then(() => sendRating(body));
    sending.set(response.id, sent);
    return sent;
  }

  async function sendRating(body) {
    const answer = await post("v1/feedback", body).catch(() => ({ ok: false }));
    announce(answer.ok ? texts().thanks : texts().failed);
    if (!answer.ok) return false;
    keep("tiaowen-rated", { ...kept("tiaowen-rated"), [body.answer_id]: body.rating });
    written();
    return true;
  }

  // The thumb counts at once; a reason, if there is one, is added to it.
  function why(turn) {
    if ($(".tw-why", turn)) return;
    rate(turn, "down", "");
    const form = Object.assign(document.createElement("form"), { className: "tw-why" });
    const input = Object.assign(document.createElement("input"), { placeholder: texts().why, maxLength: 500 });
    input.setAttribute("aria-label", texts().why);
    form.append(input, Object.assign(document.createElement("button"), { textContent: texts().send }));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const reason = input.value.trim();
      if (!reason || await rate(turn, "down", reason)) form.remove();
    });
    $(".tw-actions", turn).after(form);
    input.focus();
  }

  const doings = {
    copy: (turn) => copy(turn.dataset.plain),
    markdown: (turn) => copy(markdownOf(turn)),
    share: (turn) => {
      const link = new URL(location.pathname, location.href);
      const asked = turns().map((one) => one.question);
      const place = all(".tw-turn[data-turn]").indexOf(turn);
      link.searchParams.set("q", asked[place]);
      const before = asked.slice(Math.max(0, place - 3), place); // a follow-up needs what it goes back to
      if (before.length) link.searchParams.set("after", before.join("\n"));
      copy(link.href);
    },
    up: (turn) => { $(".tw-why", turn)?.remove(); rate(turn, "up", ""); },
    down: (turn) => why(turn),
    back: () => $("#tw-left").scrollIntoView({ block: "end" }),
    theme: () => {
      const dark = document.body.classList.toggle("dark");
      keep("tiaowen-theme", dark ? "dark" : "light");
    },
    language: () => {
      const other = root === "./" ? "en" : "zh";
      const home = new URL(root, location.href).pathname;
      document.cookie = `tiaowen-language=${other}; path=${home}; max-age=31536000; samesite=lax`;
      location.href = home + (other === "en" ? "en/" : "");
    },
    "export-md": () => {
      const parts = all(".tw-turn[data-markdown]").map(markdownOf);
      if (!parts.length) return;
      parts.push(`---\n\n${texts().signature}\n`);
      save("tiaowen.md", new Blob([parts.join("\n")], { type: "text/markdown" }));
    },
    "export-docx": async () => {
      if (!turns().length) return;
      const response = await post("export/docx", { turns: turns(), language: root === "./" ? "zh" : "en", base });
      if (response.ok) save("tiaowen.docx", await response.blob());
      else announce(texts().failed);
    },
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".tw-chip, .tw-place, .tw-near");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      hideTip();
      follow(link);
      return;
    }
    const inside = event.target.closest("#tw-paper a[href^='#']");
    if (inside) {
      event.preventDefault();
      const target = document.getElementById(decodeURIComponent(inside.getAttribute("href").slice(1)));
      if (inside.classList.contains("twd-here")) {
        copy(new URL($("#tw-alone").href.split("#")[0] + inside.getAttribute("href"), location.href).href);
      } else if (target) scrollPaper($("#tw-paper"), target);
      return;
    }
    if (event.target.closest("#tw-ask")) pend();
    const question = event.target.closest(".tw-question");
    if (question) { ask($("span", question).textContent); return; }
    const button = event.target.closest("[data-do]");
    if (button) doings[button.dataset.do]?.(button.closest(".tw-turn"));
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "tw-choose") show(event.target.value, [], "", "");
  });

  // The quote of a chip, on hovering or reaching it with the keyboard.
  function tip(chip) {
    let box = $("#tw-tip");
    if (!box) {
      box = Object.assign(document.createElement("div"), { id: "tw-tip" });
      box.setAttribute("role", "tooltip");
      document.body.append(box);
    }
    box.textContent = `“${chip.dataset.quoteText}”`;
    box.hidden = false;
    const at = chip.getBoundingClientRect();
    box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - box.offsetWidth - 8))}px`;
    box.style.top = `${at.top > box.offsetHeight + 12 ? at.top - box.offsetHeight - 6 : at.bottom + 6}px`;
  }
  const hideTip = () => { const box = $("#tw-tip"); if (box) box.hidden = true; };
  for (const [enter, leave] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    document.addEventListener(enter, (event) => { const chip = event.target.closest?.(".tw-chip"); if (chip) tip(chip); });
    document.addEventListener(leave, (event) => { if (event.target.closest?.(".tw-chip")) hideTip(); });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && event.target.closest("#tw-box")) pend();
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      $("#tw-box textarea").focus();
    } else if (event.key === "Escape") {
      hideTip();
      if ($(".tw-pending")) $("#tw-stop").click();
      else if (typing) typing.blur();
    }
  });

  function begin() {
    const theme = kept("tiaowen-theme");
    if (theme === "dark") document.body.classList.add("dark");
    else if (theme === "light") document.body.classList.remove("dark");
    const conversation = $("#tw-conversation");
    if (!conversation) return false;
    document.documentElement.lang = texts().htmlLanguage;
    new MutationObserver(written).observe(conversation, { childList: true, subtree: true });
    // Suggestions and the list of conversations take room: who was at the end still sees the end.
    let atEnd = true;
    conversation.addEventListener("scroll", () => {
      atEnd = conversation.scrollHeight - conversation.scrollTop - conversation.clientHeight < 8;
    });
    new ResizeObserver(() => {
      if (atEnd) conversation.scrollTop = conversation.scrollHeight;
    }).observe(conversation);
    written();
    return true;
  }
  const waiting = new MutationObserver(() => { if (begin()) waiting.disconnect(); });
  waiting.observe(document.documentElement, { childList: true, subtree: true });
})();
