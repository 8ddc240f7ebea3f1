// Small improvements on pages that work without them. Each behaviour is asked for by a data attribute:
//   form[data-autosave="URL"]        saves while somebody types (see autosave.js)
//   button[data-print][hidden]       shows itself and prints the page
//   button[data-copy="ID"][hidden]   shows itself and copies the words of that element
//   details[data-close-when-narrow]  starts closed on a phone
//   form[data-signs-out]             forgets what was kept unsaved on this device
//   [data-closes][data-now]          keeps the time that is left until a close going
//   [data-closes-from="URL"]         asks there, while the page is looked at, whether a close is another by now
//   dialog[data-session]             says in time that the session ends, and keeps it while somebody types
//   form[data-weights]               adds up its weights by lot while they are typed (see Weights below)
//   form[data-number-keys="NAME"]    number keys choose the radio of that name (see NumberKeys below)
//   [data-passkey], [data-passkey-add]   shows itself where passkeys work; uses one, or adds one
// Every form is protected against a second press while the first is on its way.
import { initAll } from "govuk-frontend";
import { copyWords, forgetOnSignOut, startAutosave } from "./autosave.js";

const UNKEEPABLE = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g; // as portal/web/text.py
const RESEND = 6000; // milliseconds before the same form may be sent again (a download never leaves the page)

const WARNING = 5 * 60; // seconds before the end at which we say so
const ASK_EVERY = 25 * 1000; // milliseconds between two questions when applications close
const TWO_DIGITS = 1000; // milliseconds within which a second digit belongs to the first
const KEEP_EVERY = 4 * 60 * 1000; // milliseconds: somebody who types is asked nothing

/** Warns before the session ends. Another tab may have kept it: the portal is asked before anything is said. */
class SessionEnd {
  constructor(dialog) {
    this.dialog = dialog;
    this.sentence = dialog.querySelector("[data-session-sentence]");
    this.kept = Date.now();
    this.lasts(Number(dialog.dataset.session));
    dialog.querySelector("[data-session-stay]").addEventListener("click", () => this.keep());
    dialog.addEventListener("cancel", () => this.keep());
    document.addEventListener("input", () => { if (Date.now() - this.kept > KEEP_EVERY) this.keep(); });
    addEventListener("pageshow", (event) => { if (event.persisted) this.look(); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.look(); });
  }

  lasts(seconds) {
    this.end = Date.now() + seconds * 1000;
    clearTimeout(this.timer);
    if (seconds > WARNING) {
      if (this.dialog.open) this.dialog.close();
      this.timer = setTimeout(() => this.look(), Math.min((seconds - WARNING) * 1000, 2 ** 31 - 1));
      return;
    }
    this.say(seconds);
    if (seconds > 0) this.timer = setTimeout(() => this.look(), Math.min(seconds * 1000 + 500, 30000));
  }

  say(seconds) {
    const minutes = Math.max(1, Math.round(seconds / 60));
    this.sentence.textContent = seconds > 0
      ? `You have not done anything here for a while. In ${minutes === 1 ? "a minute" : `${minutes} minutes`} you will be signed out.`
      : "You have been signed out. What you typed is still on this page: send it, and you get it back after signing in.";
    if (!this.dialog.open) this.dialog.showModal();
  }

  async look() {
    try {
      const response = await fetch(this.dialog.dataset.ask, { headers: { Accept: "application/json" } });
      if (response.ok) this.lasts((await response.json()).seconds);
    } catch { this.lasts((this.end - Date.now()) / 1000); }
  }

  async keep() {
    this.kept = Date.now();
    if (this.dialog.open) this.dialog.close();
    if (this.end < Date.now()) return;
    try {
      const response = await fetch(this.dialog.dataset.keep, {
        method: "POST", redirect: "error",
        headers: { "X-CSRFToken": this.dialog.dataset.token, "X-Requested-With": "keep-alive" },
      });
      if (response.ok) this.lasts((await response.json()).seconds);
    } catch { /* no network: the next try or the next page finds out */ }
  }
}

/** Lets the browser make or use a passkey: asks for the options, hands the answer back, goes on. */
class PasskeyButton {
  constructor(box, adds) {
    this.box = box;
    this.adds = adds;
    this.status = box.querySelector("[role=status]");
    const named = !/^[\d.:[\]]+$/.test(location.hostname);
    if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON || !named) return;
    box.hidden = false;
    document.querySelectorAll("[data-without-passkeys]").forEach((each) => { each.hidden = true; });
    box.querySelector("button").addEventListener("click", () => this.press());
  }

  async press() {
    this.status.textContent = "";
    try {
      const { options } = await this.send(this.box.dataset.options, {});
      const known = JSON.parse(options);
      const credential = this.adds
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(known) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(known) });
      const name = this.box.querySelector("input")?.value ?? "";
      const target = this.box.dataset.passkeyAdd ?? this.box.dataset.passkey;
      const answer = await this.send(target, { ...credential.toJSON(), name });
      location.assign(answer.onward);
    } catch (error) {
      this.status.textContent = error.told ?? "That did not work. Try again, or choose another way.";
    }
  }

  async send(address, content) {
    const response = await fetch(address, {
      method: "POST", body: JSON.stringify(content),
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.box.dataset.token },
    });
    const answer = await response.json();
    if (!response.ok) throw Object.assign(new Error(), { told: answer.message });
    return answer;
  }
}

/**
 * Shows what the weights of a form make for each lot. A box says in data-weight which lots (ids) it counts for;
 * when that is empty the ticked boxes `lots` do, and none ticked are all. [data-weight-sum] names one of the lots
 * that a sum is of, and in data-others what further questions add to it. After saving, the server says the same.
 */
class Weights {
  constructor(form) {
    this.form = form;
    for (const event of ["input", "change"]) form.addEventListener(event, () => this.add());
    this.add();
  }

  add() {
    const ticked = [...this.form.querySelectorAll("input[name=lots]:checked")].map((box) => box.value);
    const counted = [...this.form.querySelectorAll("[data-weight]")].filter((box) => this.counts(box));
    for (const sum of this.form.querySelectorAll("[data-weight-sum]")) {
      let hundredths = Math.round(Number(sum.dataset.others ?? 0) * 100);
      for (const box of counted) {
        const lots = box.dataset.weight ? box.dataset.weight.split(" ") : ticked;
        if (!lots.length || lots.includes(sum.dataset.weightSum)) hundredths += Math.round(parseFloat(box.value) * 100) || 0;
      }
      this.say(sum, hundredths);
    }
  }

  counts(box) {
    const ways = this.form.elements.judged_as;
    return !ways || ways.value === (box.dataset.way ?? "scored");
  }

  say(sum, hundredths) {
    const over = (hundredths - 10000) / 100;
    const amiss = over ? `, ${Math.abs(over)}% too ${over > 0 ? "much" : "little"}` : "";
    const words = `${hundredths / 100}%${amiss}`;
    if (sum.textContent !== words) sum.textContent = words;
    sum.classList.toggle("portal-sum--wrong", over !== 0);
  }
}

/** Keeps a time that is left going, by the portal's clock: what the visitor's own says does not matter. */
class TimeLeft {
  constructor(element) {
    this.element = element;
    this.until(element.dataset.closes, element.dataset.now);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.show(); });
    document.addEventListener("closes", ({ detail }) => {
      const told = detail[element.dataset.closesOf];
      if (told) { this.until(told.at, told.now); this.show(); }
    });
  }

  until(at, now) {
    this.left = Date.parse(at) - Date.parse(now);
    this.from = performance.now();
    clearInterval(this.timer);
    this.timer = setInterval(() => this.show(), 5000);
  }

  show() {
    const left = this.left - (performance.now() - this.from);
    const minutes = Math.floor(left / 60000);
    const units = [[Math.floor(minutes / 1440), "day"], [Math.floor(minutes / 60) % 24, "hour"], [minutes % 60, "minute"]];
    const first = units.findIndex(([count]) => count > 0);
    const words = units.slice(first, first + 2).filter(([count]) => count > 0)
      .map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`);
    if (left <= 0) { this.element.textContent = "time has passed"; clearInterval(this.timer); return; }
    this.element.textContent = first < 0 ? "less than a minute left" : `${words.join(" ")} left`;
  }
}

/**
 * Somebody who sits on a page hears of more time: the close of each application that the page names is asked for
 * again while the page is looked at, and comes with each autosave. An event "closes" tells it to whoever shows it:
 * {application's id: {at, now: moments, words}}. [data-closes-words="ID"] shows the words.
 */
class Closes {
  constructor(box) {
    this.address = box.dataset.closesFrom;
    document.addEventListener("closes", ({ detail }) => this.write(detail));
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.ask(); });
    setInterval(() => { if (!document.hidden) this.ask(); }, ASK_EVERY);
  }

  async ask() {
    if (performance.now() - this.asked < ASK_EVERY / 2) return;
    this.asked = performance.now();
    try {
      const response = await fetch(this.address, { headers: { Accept: "application/json" }, redirect: "error" });
      if (response.ok) document.dispatchEvent(new CustomEvent("closes", { detail: await response.json() }));
    } catch { /* no network, or signed out: the next try or the next page finds out */ }
  }

  write(detail) {
    for (const element of document.querySelectorAll("[data-closes-words]")) {
      const words = detail[element.dataset.closesWords]?.words;
      if (words && words !== element.textContent) element.textContent = words;
    }
  }
}

/**
 * Outside a text, a number key chooses the radio with that value, n goes on and p back by the page's own links. The
 * keys can be turned off for good on this device, since they get in the way of speech input (WCAG 2.1.4).
 */
class NumberKeys {
  constructor(form) {
    this.form = form;
    this.words = form.querySelector("[data-number-keys-words]");
    this.button = Object.assign(document.createElement("button"), { type: "button" });
    this.button.addEventListener("click", () => this.turn(!this.on));
    document.addEventListener("keydown", (event) => this.press(event));
    let kept = null;
    try { kept = localStorage.getItem("number-keys"); } catch { /* then they are on */ }
    this.show(kept !== "off");
    this.words.hidden = matchMedia("(hover: none)").matches;
  }

  turn(on) {
    try { localStorage.setItem("number-keys", on ? "on" : "off"); } catch { /* holds for this page alone */ }
    this.show(on);
  }

  show(on) {
    this.on = on;
    this.button.textContent = on ? "Turn these keys off" : "Turn number keys on";
    this.words.replaceChildren(on ? "Keys outside the text: a number chooses the mark, n the next, p the one before. " : "", this.button);
  }

  press(event) {
    const typing = event.target.closest?.("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])");
    if (!this.on || typing || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const way = { n: "next", p: "prev" }[event.key];
    if (way) { document.querySelector(`a[rel=${way}]`)?.click(); return; }
    if (!/^\d$/.test(event.key)) return;
    // A second digit in time goes on with the number: 1 and 0 are 10, where the scale has a 10.
    const number = event.timeStamp - this.at < TWO_DIGITS ? `${this.number}${event.key}` : event.key;
    const radio = this.radio(number) ?? this.radio(event.key);
    if (!radio) return;
    this.number = radio.value;
    this.at = event.timeStamp;
    event.preventDefault();
    radio.focus();
    if (!radio.checked) radio.click();
  }

  radio(number) {
    return this.form.querySelector(`input[name="${this.form.dataset.numberKeys}"][value="${number}"]`);
  }
}

/** One press, one request: a second submit of the same form is dropped for a few seconds. */
function dropSecondSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if ("signsOut" in form.dataset) forgetOnSignOut(event);
  if (event.defaultPrevented) return;
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, RESEND);
}

/** Characters that nobody sees and the portal does not keep go at once: so the counter counts what is kept. */
function dropUnkeepable({ target }) {
  if (!(target instanceof HTMLTextAreaElement) || target.value.search(UNKEEPABLE) < 0) return;
  target.value = target.value.replace(UNKEEPABLE, "");
}

function showPrintButton(button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

function showCopyButton(button) {
  button.hidden = false;
  button.addEventListener("click", () => copyWords(document.getElementById(button.dataset.copy).textContent, button));
}

document.querySelectorAll("details[data-close-when-narrow]").forEach((box) => {
  if (matchMedia("(max-width: 40em)").matches) box.open = false;
});
initAll();
startAutosave();
document.querySelectorAll("[data-print]").forEach(showPrintButton);
document.querySelectorAll("[data-copy]").forEach(showCopyButton);
document.querySelectorAll("dialog[data-session]").forEach((dialog) => new SessionEnd(dialog));
document.querySelectorAll("[data-passkey]").forEach((box) => new PasskeyButton(box, false));
document.querySelectorAll("[data-passkey-add]").forEach((box) => new PasskeyButton(box, true));
document.querySelectorAll("form[data-weights]").forEach((form) => new Weights(form));
document.querySelectorAll("form[data-number-keys]").forEach((form) => new NumberKeys(form));
document.querySelectorAll("[data-closes]").forEach((element) => new TimeLeft(element));
document.querySelectorAll("[data-closes-from]").forEach((box) => new Closes(box));
document.addEventListener("submit", dropSecondSubmit);
document.addEventListener("input", dropUnkeepable, true);
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
