// Calls of the API, with the key, and what is asked of the reader for them.

import { byId } from './parts.js';

const PATIENCE_MILLIS = 30000;
/** What is done to many may take as long as the launcher waits for it, while the node can be reached. */
const PATIENCE_FOR_MANY_MILLIS = 3600000;
const LOOK_MILLIS = 30000;

/** Nobody answers, or not in time. */
export class Lost extends Error {}

/** There is no key, and none was given. */
export class Locked extends Error {}

/** No header can carry it. */
const UNSENDABLE = /[^\x20-\xff]/;

/** Lives no longer than the page. */
let apiKey = '';
let keyAsked = null;
let heldRole = '';

export function forgetKey() {
  apiKey = '';
  byId('key').value = '';
}

/** Of the key, as the last answer told it. */
export const role = () => heldRole;

export async function call(path, { method = 'GET', actor = '', body } = {}) {
  for (;;) {
    const sent = apiKey;
    const answer = await send(path, method, actor, body);
    if (answer.status !== 401) {
      return read(answer);
    }
    if (sent === apiKey && !(await askForKey(sent ? `This key is not accepted: ${answer.body?.error ?? 'it is wrong'}` : ''))) {
      throw new Locked('Without a key nothing is shown. “Key” above asks for it again.');
    }
  }
}

/** What readiness says, whether it is well or not. */
export const readiness = async () => (await send('observe/health/ready', 'GET', '')).body ?? {};

async function send(path, method, actor, body) {
  const headers = apiKey ? { Authorization: `Bearer ${apiKey}` } : {};
  if (actor) {
    headers['P2P-Actor'] = actor;
  }
  if (body) {
    headers['Content-Type'] = 'application/json';
  }
  const { signal, enough } = path === 'api/actions' ? whileReached() : { signal: AbortSignal.timeout(PATIENCE_MILLIS) };
  try {
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: 'no-store', credentials: 'omit', signal });
    heldRole = answer.headers.get('P2P-Role') ?? '';
    return { status: answer.status, ok: answer.ok, body: await answer.json().catch(() => null) };
  } catch {
    throw new Lost('There is no connection to Payer Exchange.');
  } finally {
    enough?.();
  }
}

/** Patience for what is done to many, until a look at the node is not answered: its answer would not come either. */
function whileReached() {
  const gone = new AbortController();
  const look = () => fetch('observe/health/live', { cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(PATIENCE_MILLIS) }).catch(() => gone.abort());
  const looks = setInterval(look, LOOK_MILLIS);
  return { signal: AbortSignal.any([gone.signal, AbortSignal.timeout(PATIENCE_FOR_MANY_MILLIS)]), enough: () => clearInterval(looks) };
}

function read({ status, ok, body }) {
  if (!ok) {
    throw Object.assign(new Error(body?.error ? `${body.error} (${status})` : `The answer is ${status}.`), { status });
  }
  if (body === null) {
    throw new Lost('The answer broke off.');
  }
  return body;
}

/** Resolves to whether a key was given. One dialog, however many calls wait for it. */
export function askForKey(problem) {
  keyAsked ??= answer(byId('key-dialog'), () => {
    byId('key-problem').textContent = problem;
    byId('key').value = '';
  }).then((given) => {
    const key = byId('key').value;
    byId('key').value = '';
    keyAsked = null;
    if (given && UNSENDABLE.test(key)) {
      return askForKey('This key has a character that cannot be sent, and so cannot be right: it may have been changed where it was copied.');
    }
    if (given) {
      apiKey = key;
    }
    return given;
  });
  return keyAsked;
}

/** Resolves to the reader's name, or to null if it is not to be. A problem is what was wrong with the last answer, which still stands there. */
export async function ask(title, hint, yes, problem) {
  const agreed = await answer(byId('ask-dialog'), () => {
    byId('ask-title').textContent = title;
    byId('ask-hint').textContent = hint;
    byId('ask-problem').textContent = problem;
    byId('ask-yes').textContent = yes;
  });
  return agreed ? byId('actor').value : null;
}

/** What was asked was about what is not shown any more. */
export const leaveIt = () => byId('ask-dialog').close('no');

/** One that is open is not written over: whoever answers it has read what it asks. */
function answer(dialog, prepare) {
  return new Promise((answered) => {
    if (dialog.open) {
      answered(false);
      return;
    }
    prepare();
    dialog.returnValue = 'no';
    dialog.addEventListener('close', () => answered(dialog.returnValue === 'yes'), { once: true });
    dialog.showModal();
  });
}
