// Saves a form while somebody types, and keeps the words on this device until the portal has them.
//   form[data-autosave="URL"]    is sent there, without files, when typing pauses
//   [data-autosave-status]       inside that form: says what was saved, or why not (role="status")
//   [data-autosave-advice]       inside that form, a live region: its list shows what is advised on what was saved
//   form[data-settles="URL"]     a form without autosave whose sending settles what is kept for that address
// The portal answers JSON: {"message": sentence to show, "version": for the hidden field of that name, "closes": when
// the application closes, told as an event of that name (see Closes in portal.js), "advice": sentences for the list}; with
// {"locked": application} nothing can be changed any more; with
// {"clash": true} somebody else saved meanwhile, and sending the form shows both; with {"sign_in": address} the
// session is over. What is kept (localStorage) belongs to one person, by a name that says nothing of them, and to
// one address. Each page that is open has an entry of its own: none overwrites another's.

const QUIET = 2000; // milliseconds without a key before saving
const LONGEST = 10000; // milliseconds of typing after which we save all the same
const TRIES = [2, 4, 8, 16, 30, 60]; // seconds before trying again when the portal cannot be reached
const KEPT_FOR = 7 * 24 * 60 * 60 * 1000;
const LARGEST_LEAVING = 60000; // characters: browsers send no more than 64 KiB while a page is left
const PREFIX = "unsaved:";
const BACK = "unsaved-back"; // in this tab: what to put back after signing in
const OURS = ["csrf_token", "version"]; // fields that the portal fills, not the person
const NOT_TYPED = ["hidden", "file", "password", "submit", "button"];
const WHEN = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "Europe/London" });

const person = () => document.body.dataset.person ?? "";
const ownPrefix = (address) => `${PREFIX}${person()}:${address ?? ""}`;

/** What is kept on this device under names with this beginning: [name, {typed, version, at, sent}], oldest first. */
function keptUnder(prefix) {
  const found = [];
  try {
    for (const name of Object.keys(localStorage).filter((each) => each.startsWith(prefix))) {
      try {
        found.push([name, JSON.parse(localStorage.getItem(name))]);
      } catch {
        drop(name);
      }
    }
  } catch { /* a browser without storage keeps nothing, and still saves to the portal */ }
  return found.sort(([, one], [, other]) => one.at - other.at);
}

function put(name, entry) {
  try {
    localStorage.setItem(name, JSON.stringify(entry));
    return true;
  } catch {
    return false;
  }
}

function drop(name) {
  try { localStorage.removeItem(name); } catch { /* nothing was kept */ }
}

function arrival() {
  const { responseStatus, redirectCount } = performance.getEntriesByType("navigation")[0] ?? {};
  return { whole: (responseStatus ?? 200) === 200, redirected: redirectCount > 0 };
}

/** Forgets what is old, and what was sent by its button and taken: the portal then led on to this page. */
function tidy() {
  const { whole, redirected } = arrival();
  for (const [name, entry] of keptUnder(PREFIX)) {
    const taken = entry.sent && person() && name.startsWith(ownPrefix()) && whole && redirected;
    if (taken || !(Date.now() - entry.at < KEPT_FOR)) drop(name);
    else if (entry.sent) put(name, { ...entry, sent: false });
  }
}

function markSent(address) {
  for (const [name, entry] of keptUnder(`${ownPrefix(address)}#`)) put(name, { ...entry, sent: true });
}

/** Signing out leaves nothing on the device; whoever still has unsaved words there is asked first. */
export function forgetOnSignOut(event) {
  const mine = keptUnder(ownPrefix());
  const question = "Some words that you typed are not saved yet. Signing out removes them from this device. Sign out all the same?";
  if (mine.length && !confirm(question)) {
    event.preventDefault();
    return;
  }
  mine.forEach(([name]) => drop(name));
}

/** What is typed in a form, without files, passwords, the portal's own fields, and the spaces around a text:
 * the portal keeps none, so a text that differs by them alone is saved. */
function typedIn(form) {
  const typed = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const ours = OURS.includes(name) || form.elements[name]?.type === "password";
    if (!ours && !(value instanceof File)) typed.append(name, value.trim());
  }
  return typed.toString();
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.address = form.dataset.autosave;
    this.status = form.querySelector("[data-autosave-status]");
    this.name = this.newName();
    this.tries = 0;
    // A page that came back with an error shows what was typed, which is not what is saved.
    this.saved = arrival().whole ? typedIn(form) : null;
    this.offerKept();
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("submit", () => this.leave());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.save(true);
      else if (this.out) this.save();
    });
    document.addEventListener("closes", ({ detail }) => {
      if (!detail[this.locked]) return;
      this.locked = null; // it was given more time
      this.changed();
    });
    addEventListener("online", () => { this.tries = 0; this.save(); });
    addEventListener("pageshow", (event) => { if (event.persisted) this.stopped = false; });
  }

  newName() {
    return `${ownPrefix(this.address)}#${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
  }

  get version() {
    return this.form.elements.version?.value ?? "";
  }

  changed() {
    if (this.filling) return;
    const typed = typedIn(this.form);
    if (typed === this.saved) { drop(this.name); clearTimeout(this.timer); return; }
    this.kept = put(this.name, { typed, version: this.version, at: Date.now() });
    if (this.clashed || this.locked) return;
    this.since ??= Date.now();
    this.saveIn(Math.max(0, Math.min(QUIET, this.since + LONGEST - Date.now())));
  }

  saveIn(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), milliseconds);
  }

  leave() {
    this.stopped = true;
    clearTimeout(this.timer);
    markSent(this.address);
  }

  async save(leaving = false) {
    clearTimeout(this.timer);
    const typed = typedIn(this.form);
    // Never two on their way at once: `heard` goes on with what was typed meanwhile.
    if (this.stopped || this.clashed || this.locked || this.sending || typed === this.saved) return;
    this.since = undefined;
    this.sending = true;
    let answer = { status: 0 };
    try { answer = await this.send(leaving); } catch { /* no connection: status 0 */ }
    this.sending = false;
    this.heard(typed, answer);
  }

  async send(leaving, renewed = false) {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) if (!(value instanceof File)) body.append(name, value);
    const response = await fetch(this.address, {
      method: "POST", body, keepalive: leaving && body.toString().length < LARGEST_LEAVING, redirect: "error",
      headers: { Accept: "application/json", "X-Requested-With": "autosave" },
    });
    const words = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
    if (renewed || ![400, 401].includes(response.status)) return { ...words, status: response.status };
    if (await this.renewToken()) return this.send(leaving, true);
    return { sign_in: `/sign-in?next=${encodeURIComponent(location.pathname)}`, ...words, status: 401 };
  }

  /** Somebody may have signed in again in another tab: whether it is the same person, whose token we then take. */
  async renewToken() {
    const response = await fetch(location.pathname + location.search);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const token = page.querySelector("input[name=csrf_token]")?.value;
    if (!token || !person() || page.body.dataset.person !== person()) return false;
    document.querySelectorAll("input[name=csrf_token]").forEach((field) => { field.value = token; });
    document.querySelectorAll("dialog[data-token]").forEach((dialog) => { dialog.dataset.token = token; });
    return true;
  }

  heard(typed, answer) {
    this.out = answer.status === 401;
    if (answer.status === 200) this.done(typed, answer);
    else if (this.out) this.sayOut(answer.sign_in);
    else if (answer.locked) this.sayLocked(answer);
    else if (answer.clash) this.sayClash(answer.message);
    else if (answer.status === 0 || answer.status === 429 || answer.status >= 500) this.tryAgain(answer.status);
    else this.say(answer.message ?? `Not saved. ${this.whereKept()}`, true);
  }

  done(typed, answer) {
    this.saved = typed;
    this.tries = 0;
    if (this.form.elements.version && answer.version !== undefined) this.form.elements.version.value = answer.version;
    if (answer.closes) document.dispatchEvent(new CustomEvent("closes", { detail: answer.closes }));
    this.say(answer.message ?? "", false);
    this.advise(answer.advice);
    this.changed();
  }

  /** Shows what is advised; what stands there already is left alone, so that it is neither drawn nor read again. */
  advise(sentences) {
    const box = this.form.querySelector("[data-autosave-advice] > *");
    const list = box?.querySelector("ul");
    if (!list || !sentences || sentences.join("\n") === [...list.children].map((line) => line.textContent).join("\n")) return;
    list.replaceChildren(...sentences.map((sentence) => Object.assign(document.createElement("li"), { textContent: sentence })));
    box.hidden = !sentences.length;
  }

  tryAgain(status) {
    const why = status ? "the portal does not answer just now" : "no connection";
    const when = status ? "as soon as it does" : "when the connection is back";
    this.say(this.kept
      ? `Not saved: ${why}. Your words are kept on this device and will be saved ${when}.`
      : `Not saved: ${why}. Keep this page open: your words will be saved ${when}.`, true);
    const seconds = TRIES[Math.min(this.tries++, TRIES.length - 1)];
    this.saveIn(seconds * 1000 * (1 + Math.random() / 4));
  }

  sayOut(address) {
    const link = Object.assign(document.createElement("a"), { href: address, className: "govuk-link", textContent: "Sign in and go on" });
    link.addEventListener("click", () => { try { sessionStorage.setItem(BACK, this.name); } catch { /* then it is offered */ } });
    this.say(`Not saved: you have been signed out. ${this.whereKept()}`, true, link);
  }

  sayClash(message) {
    this.clashed = true;
    const button = this.button("See both and choose", () => this.form.requestSubmit());
    this.say(`${message} ${this.whereKept()}`, true, button);
  }

  sayLocked({ locked, message }) {
    this.locked = locked;
    const words = this.button("Copy what you typed", () => copyWords(this.inWords(typedIn(this.form)), words));
    this.say(`${message} What you typed since is on this page alone.`, true, words);
  }

  whereKept() {
    return this.kept ? "Your words are kept on this device." : "Keep this page open until they are saved.";
  }

  say(sentence, failed, way) {
    if (!this.status || (this.said === sentence && !way)) return;
    this.said = sentence;
    this.status.replaceChildren(sentence, ...(way ? [" ", way] : []));
    this.status.classList.toggle("portal-save-status--failed", failed);
  }

  offerKept() {
    let back = null;
    try { back = sessionStorage.getItem(BACK); sessionStorage.removeItem(BACK); } catch { /* then it is offered */ }
    for (const [name, entry] of keptUnder(`${ownPrefix(this.address)}#`)) {
      if (entry.typed === typedIn(this.form)) {
        if (this.saved === null) { this.name = name; this.kept = true; } else drop(name);
      } else if (name === back && entry.version === this.version) {
        this.putBack(name, entry);
        this.say("We put back what you typed before you were signed out. It is being saved.", false);
      } else this.offer(name, entry);
    }
  }

  /** What was typed is shown, never put into the form by itself: somebody may have saved since. */
  offer(name, entry) {
    const box = Object.assign(document.createElement("div"), { className: "govuk-inset-text" });
    const told = document.createElement("p");
    told.className = "govuk-body";
    told.textContent = `You typed this on ${WHEN.format(entry.at)}, UK time, and it was not saved:`;
    const words = Object.assign(document.createElement("div"), { className: "portal-kept govuk-body", textContent: this.inWords(entry.typed) });
    const buttons = Object.assign(document.createElement("div"), { className: "govuk-button-group" });
    const close = () => { box.remove(); this.form.querySelector("textarea, input:not([type=hidden])")?.focus(); };
    buttons.append(
      this.button("Put it back", () => { this.putBack(name, entry); close(); }),
      this.button("Discard it", () => { drop(name); close(); }),
    );
    box.append(told, words, buttons);
    this.form.before(box);
  }

  button(text, press) {
    const button = Object.assign(document.createElement("button"), {
      type: "button", className: "govuk-button govuk-button--secondary", textContent: text,
    });
    button.addEventListener("click", press);
    return button;
  }

  inWords(typed) {
    const label = (name, value) => [...this.form.querySelectorAll("input[type=radio], input[type=checkbox]")]
      .find((field) => field.name === name && field.value === value)?.labels?.[0]?.textContent.trim();
    return [...new URLSearchParams(typed)].map(([name, value]) => label(name, value) ?? value).filter(Boolean).join("\n") || "Nothing: you had emptied it.";
  }

  putBack(name, entry) {
    // What stands in the form now and is not saved stays kept, under its own name.
    if (typedIn(this.form) !== this.saved) this.name = this.newName();
    this.fill(new URLSearchParams(entry.typed));
    // Saved over the version it was typed on: where somebody saved since, the portal shows both.
    if (this.form.elements.version) this.form.elements.version.value = entry.version;
    this.changed();
    if (this.kept) drop(name);
  }

  fill(typed) {
    const places = {};
    this.filling = true;
    for (const field of this.form.elements) {
      if (!field.name || NOT_TYPED.includes(field.type)) continue;
      const values = typed.getAll(field.name);
      if (["radio", "checkbox"].includes(field.type)) field.checked = values.includes(field.value);
      else field.value = values[places[field.name] = (places[field.name] ?? -1) + 1] ?? "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.filling = false;
  }
}

/** Puts words where they can be pasted from, and says so on the button; some browsers leave that to the person. */
export async function copyWords(words, button) {
  try {
    await navigator.clipboard.writeText(words);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not copied: mark the words and copy them";
  }
}

export function startAutosave() {
  tidy();
  document.querySelectorAll("form[data-autosave]").forEach((form) => new Autosave(form));
  document.querySelectorAll("form[data-settles]").forEach((form) => {
    form.addEventListener("submit", () => markSent(form.dataset.settles));
  });
}
