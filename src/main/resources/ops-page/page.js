// Which view is shown, kept fresh, and what the reader does on it.

import { Locked, Lost, ask, askForKey, call, leaveIt, readiness, role } from './api.js';
import * as list from './list.js';
import * as overview from './overview.js';
import * as ready from './readiness.js';
import * as recurring from './recurring.js';
import * as transfer from './transfer.js';
import { byId, count, element, hold, moment, number } from './parts.js';

const REFRESH_MILLIS = 5000;
/** A ledger that answers slowly is asked less often. */
const REST = 10;
const VIEWS = ['overview', 'list', 'recurring', 'readiness', 'transfer'];
const PATHS = { '/transfers': 'list', '/recurring': 'recurring', '/readiness': 'readiness' };

/** Answers that come after a newer question are dropped. */
let turn = 0;
let shown = '';
/** The view that stands on the page, which the buttons are about: {id, query, at}. */
let drawn = null;
let locked = false;

// ---- where we are

function place() {
  const [path, query] = (location.hash.startsWith('#/') ? location.hash.slice(1) : '/').split('?');
  const id = /^\/transfers\/([A-Za-z0-9-]{1,64})$/.exec(path)?.[1];
  return { id, view: id ? 'transfer' : (PATHS[path] ?? 'overview'), query: new URLSearchParams(query) };
}

/** Draws only what has changed, so that nothing moves under the reader's hands. */
async function show(moved) {
  const mine = ++turn;
  const { id, view, query } = place();
  try {
    const found = await (id ? transfer.load(id, query) : { list, recurring, readiness: ready, overview }[view].load(query));
    if (mine !== turn) {
      return;
    }
    const now = location.hash + JSON.stringify(found);
    if (now !== shown) {
      draw(found, id, view, query);
      shown = now;
    }
    drawn = { id, query, at: new Date() };
    say('problem', '');
    locked = false;
    if (moved) {
      byId('title').focus();
    }
    await showInbox();
  } catch (failure) {
    if (mine === turn) {
      fail(failure);
    }
  }
}

function draw(found, id, view, query) {
  const focused = document.activeElement?.id;
  const title = { overview: 'Overview', list: 'Transfers', recurring: 'Recurring requests', readiness: 'Readiness', transfer: found.asBatch ? 'Batch' : 'Transfer' }[view];
  document.title = `${id ? `${found.status} ${id}` : title} · Payer Exchange`;
  byId('title').replaceChildren(title, ...(id ? [' ', element('code', {}, id)] : []));
  for (const name of VIEWS) {
    byId(name).hidden = name !== view;
  }
  for (const button of document.querySelectorAll('.actions button')) {
    button.disabled = false;
  }
  if (id) {
    transfer.draw(found, query);
  } else if (view === 'list') {
    list.draw(found, query);
  } else if (view === 'readiness') {
    ready.draw(found);
  } else if (view === 'recurring') {
    recurring.draw(found, query, { change, stop });
  } else {
    overview.draw(found, pause);
  }
  offerWhatIsAllowed();
  byId('held').replaceChildren(...(found.held ?? []).map((one) => element('li', {}, `${one.kind} ${one.name}: `, hold(one))));
  if (focused && document.activeElement?.id !== focused) {
    byId(focused)?.focus();
  }
}

/** A reader would be refused. */
function offerWhatIsAllowed() {
  const refused = role() === 'reader';
  for (const button of document.querySelectorAll('main button:not(#filter button)')) {
    button.disabled ||= refused;
    button.title = refused ? 'This key has the role reader, which only looks.' : '';
  }
}

/** What lies in the inbox without being taken, as readiness tells it. */
async function showInbox() {
  const { checks = [] } = await readiness();
  const { message = '' } = checks.find((check) => check.name === 'inbox') ?? {};
  say('inbox', message.startsWith('not taken') ? `Inbox: ${message}` : '');
}

/** What stands on the page may not be so any more: nothing can be done to it. */
function fail(failure) {
  locked = failure instanceof Locked;
  if (failure instanceof Lost && drawn) {
    say('problem', `${failure.message} What stands here is of ${moment(drawn.at)}; it is asked for again every few seconds.`);
  } else {
    say('problem', failure.message);
  }
  if (locked) {
    clear();
  }
  for (const button of document.querySelectorAll('main button')) {
    button.disabled = true;
  }
  byId('filter').querySelector('button').disabled = false;
  shown = '';
}

/** What is asked for may not come, and what stood here is not it. */
function clear() {
  drawn = null;
  shown = '';
  for (const name of VIEWS) {
    byId(name).hidden = true;
  }
  byId('held').replaceChildren();
  byId('title').textContent = 'Payer Exchange';
  const { view } = place();
  mark('to-overview', view === 'overview');
  mark('to-list', view === 'list' || view === 'transfer');
  mark('to-recurring', view === 'recurring');
  mark('to-readiness', view === 'readiness');
}

function mark(id, current) {
  if (current) {
    byId(id).setAttribute('aria-current', 'page');
  } else {
    byId(id).removeAttribute('aria-current');
  }
}

/** Said again only if it is something else, since it is read out each time. */
function say(id, text) {
  if (byId(id).textContent !== text) {
    byId(id).textContent = text;
  }
}

/** What came of the last thing done, or why nothing did: it stands until the next one. */
function tell(notice, refusal = '') {
  say('notice', notice);
  say('refusal', refusal);
}

// ---- what the reader does

/** Has it done once somebody has agreed with his name; says what came of it, or what did not. */
async function act(title, hint, yes, done) {
  const actor = await ask(title, hint, yes);
  if (actor === null) {
    return;
  }
  try {
    tell(await done(actor));
  } catch (failure) {
    tell('', failure instanceof Lost ? `${failure.message} It is not known whether this was done: look again once it is back.` : failure.message);
  }
  await show(false);
}

function actOnOne(what, title, hint, words) {
  const { id } = drawn;
  return act(title, `Transfer ${id}. ${hint}`, title, async (actor) => {
    await call(`api/transfers/${id}/${what}`, { method: 'POST', actor });
    return words;
  });
}

const refusals = (refused) =>
  Object.entries(refused)
    .map(([why, many]) => `${number(many)} ${why}`)
    .join(', ');

/** First it is only counted, by the filter of what stands on the page. */
async function actOnMany(action, verb, hint, participle) {
  const filter = list.filterOf(drawn.query);
  const body = { action, filter, all: Object.keys(filter).length === 0 };
  const at = location.hash;
  const post = (more) => call('api/actions', { method: 'POST', ...more });
  try {
    const { matched, done, refused } = await post({ body: { ...body, dryRun: true } });
    if (location.hash !== at) {
      return;
    }
    const left = Object.keys(refused).length ? ` The others are left as they are: ${refusals(refused)}.` : '';
    if (done === 0) {
      tell(`There is nothing to ${verb.toLowerCase()} among ${count(matched, 'transfer')}.${left}`);
      return;
    }
    await act(`${verb} ${number(done)} of ${count(matched, 'transfer')}?`, `${hint}${left}`, `${verb} ${count(done, 'transfer')}`, async (actor) => {
      const answer = await post({ body: { ...body, most: done }, actor });
      return `${count(answer.done, 'transfer')} ${participle}. ${refusals(answer.refused)}`;
    });
  } catch (failure) {
    tell('', failure.message);
  }
}

function pause(action, kind, name) {
  const [title, hint, words] =
    action === 'pause'
      ? [`Pause ${kind} ${name}`, 'Nothing is begun there until somebody resumes it; transfers wait, and grow no older.', `${kind} ${name} is paused.`]
      : [`Resume ${kind} ${name}`, 'What waits there goes on.', `${kind} ${name} goes on.`];
  return act(title, hint, title, async (actor) => {
    await call('api/actions', { method: 'POST', actor, body: { action, filter: { [kind]: name } } });
    return words;
  });
}

const named = ({ requestId, id }) => `the request ${requestId ?? id}`;

function stop(one) {
  const title = `Stop asking for ${named(one)}`;
  return act(title, 'It is not asked again; what goes on of its last transfer goes on.', 'Stop', async (actor) => {
    await call(`api/recurrences/${one.id}/stop`, { method: 'POST', actor });
    return `${named(one)} is not asked again.`;
  });
}

async function change(one) {
  byId('every').value = one.repeatEvery;
  byId('until').value = one.repeatUntil;
  byId('ask-repeat').hidden = false;
  try {
    await act(`Change how often ${named(one)} is asked`, 'Until is in UTC, and no later than the end of the consent.', 'Change', async (actor) => {
      const asked = new URLSearchParams({ every: byId('every').value, until: byId('until').value });
      const { nextAt } = await call(`api/recurrences/${one.id}/change?${asked}`, { method: 'POST', actor });
      return `It is asked next at ${moment(nextAt)}.`;
    });
  } finally {
    byId('ask-repeat').hidden = true;
  }
}

function on(id, done) {
  byId(id).addEventListener('click', done);
}

on('now', () => actOnOne('now', 'Try now', 'What waits for its next try is tried at once; a hold still counts.', 'It is tried now.'));
on('retry', () => actOnOne('retry', 'Retry the transfer', 'It goes on from the step that failed and keeps what was done.', 'The transfer goes on.'));
on('cancel', () => actOnOne('cancel', 'Cancel the transfer', 'It is given up for good; what was delivered stays.', 'The transfer is cancelled.'));
on('retry-many', () => actOnMany('retry', 'Retry', 'Each goes on from the step that failed and keeps what was done.', 'retried'));
on('now-many', () => actOnMany('now', 'Try now', 'What waits for its next try is tried at once; a hold still counts.', 'tried now'));
on('cancel-many', () => actOnMany('cancel', 'Cancel', 'They are given up for good; what was delivered stays.', 'cancelled'));
on('skip', (event) => {
  event.preventDefault();
  byId('title').focus();
});
on('change-key', async () => {
  if (await askForKey('')) {
    move();
  }
});

function move() {
  leaveIt();
  tell('');
  say('problem', '');
  clear();
  show(true);
}

async function keepFresh() {
  const begin = performance.now();
  if (!document.hidden && !locked && !document.querySelector('dialog[open]')) {
    await show(false);
  }
  setTimeout(keepFresh, Math.max(REFRESH_MILLIS, REST * (performance.now() - begin)));
}

list.prepare();
window.addEventListener('hashchange', move);
clear();
show(false);
setTimeout(keepFresh, REFRESH_MILLIS);
