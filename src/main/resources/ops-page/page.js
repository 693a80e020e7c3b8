// Which view is shown, kept fresh, and what the reader does on it.

import { Locked, Lost, ask, askForKey, call, forgetKey, leaveIt, readiness, role } from './api.js';
import * as list from './list.js';
import * as overview from './overview.js';
import * as ready from './readiness.js';
import * as recurring from './recurring.js';
import * as transfer from './transfer.js';
import { byId, count, element, hold, moment, number, redraw } from './parts.js';

const REFRESH_MILLIS = 5000;
/** A ledger that answers slowly is asked less often, but not so seldom that nobody knows what stands here. */
const REST = 10;
const LONGEST_REST_MILLIS = 30000;
/** Without an answer for so long, or after more than a rest, what stands here may not be so any more. */
const LATE_MILLIS = 10000;
const OLD_MILLIS = LONGEST_REST_MILLIS + LATE_MILLIS;
/** What is done sooner needs no words. */
const AT_WORK_MILLIS = 1000;
const REACHED = 'main a[href], main button, main input, main select, main summary';
const VIEWS = ['overview', 'list', 'recurring', 'readiness', 'transfer'];
const PATHS = { '/transfers': 'list', '/recurring': 'recurring', '/readiness': 'readiness' };

/** Answers that come after a newer question are dropped. */
let turn = 0;
let shown = '';
/** The view that stands on the page, which the buttons are about: {id, query, at}. */
let drawn = null;
let locked = false;
/** Whether what stands here may not be so any more. */
let old = true;
/** Whether something is asked or done. */
let busy = false;
/** The reader has come from elsewhere. */
let moved = false;
/** The button that had the focus when it was disabled. */
let left = null;

// ---- where we are

function place() {
  const [path, query] = (location.hash.startsWith('#/') ? location.hash.slice(1) : '/').split('?');
  const id = /^\/transfers\/([A-Za-z0-9-]{1,64})$/.exec(path)?.[1];
  return { id, view: id ? 'transfer' : (PATHS[path] ?? 'overview'), query: new URLSearchParams(query) };
}

async function show() {
  const mine = ++turn;
  const { id, view, query } = place();
  if (drawn && Date.now() - drawn.at > OLD_MILLIS) {
    old = true;
    offer();
  }
  const late = setTimeout(() => mine === turn && !byId('key-dialog').open && doubt('There is no answer yet.'), LATE_MILLIS);
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
    locked = false;
    believe();
    if (moved) {
      moved = false;
      byId('title').focus();
    }
    await showInbox();
    if (mine === turn) {
      believe();
    }
  } catch (failure) {
    if (mine === turn) {
      fail(failure);
    }
  } finally {
    clearTimeout(late);
  }
}

function draw(found, id, view, query) {
  const reached = [...document.querySelectorAll(REACHED)];
  const at = reached.indexOf(document.activeElement);
  const title = { overview: 'Overview', list: 'Transfers', recurring: 'Recurring requests', readiness: 'Readiness', transfer: found.asBatch ? 'Batch' : 'Transfer' }[view];
  document.title = `${id ? `${found.status} ${id}` : title} · Payer Exchange`;
  redraw(byId('title'), title, ...(id ? [' ', element('code', {}, id)] : []));
  for (const name of VIEWS) {
    byId(name).hidden = name !== view;
  }
  if (id) {
    transfer.draw(found, query);
  } else if (view === 'list') {
    list.draw(found, query);
  } else if (view === 'readiness') {
    ready.draw(found);
  } else if (view === 'recurring') {
    recurring.draw(found, query, { change: alone(change), stop: alone(stop) });
  } else {
    overview.draw(found, alone(pause));
  }
  redraw(byId('held'), ...(found.held ?? []).map((one) => element('li', {}, `${one.kind} ${one.name}: `, hold(one))));
  if (at >= 0 && document.activeElement !== reached[at]) {
    stay(reached, at);
  }
}

/** Where what had the focus was moved, or is gone: it goes to what came behind that, or before. */
function stay(reached, at) {
  const near = [...reached.slice(at), ...reached.slice(0, at).reverse(), byId('title')];
  near.find((one) => one.isConnected && !one.disabled && one.checkVisibility()).focus({ preventScroll: true });
}

/** Nothing is to be clicked while something is asked or done, or on what is old, or what would be refused. */
function offer() {
  const refused = role() === 'reader';
  const focused = document.activeElement;
  for (const button of document.querySelectorAll('main button:not(#filter button)')) {
    button.disabled = busy || old || refused || 'vain' in button.dataset;
    button.title = refused ? 'This key has the role reader, which only looks.' : '';
  }
  if (focused.disabled) {
    left = focused;
  }
  if (left && !busy && !old) {
    if (document.activeElement === document.body || document.activeElement === left) {
      stay([left], 0);
    }
    left = null;
  }
}

/** What lies in the inbox without being taken, as readiness tells it. */
async function showInbox() {
  const { checks = [] } = await readiness();
  const { message = '' } = checks.find((check) => check.name === 'inbox') ?? {};
  say('inbox', message.startsWith('not taken') ? `Inbox: ${message}` : '');
}

/** What stands on the page is so. */
function believe() {
  say('problem', '');
  old = false;
  offer();
}

/** What stands on the page may not be so any more: nothing can be done to it. */
function doubt(why) {
  say('problem', drawn ? `${why} What stands here is of ${moment(drawn.at)}; it is asked for again by itself.` : why);
  old = true;
  offer();
}

function fail(failure) {
  locked = failure instanceof Locked;
  if (locked) {
    clear();
  }
  doubt(failure.message);
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

/** One thing at a time: nothing else is begun until it is answered, done and seen. */
const alone = (doIt) => async (...what) => {
  if (busy) {
    return;
  }
  busy = true;
  offer();
  try {
    await doIt(...what);
  } catch (failure) {
    tell('', failure.message);
  }
  await show();
  busy = false;
  offer();
};

/** Says that something is still done, if it takes its time. */
async function atWork(what, work) {
  const since = new Date();
  const late = setTimeout(() => say('working', `Still at work since ${moment(since)}: ${what}. Nothing else is begun here until it has answered.`), AT_WORK_MILLIS);
  try {
    return await work;
  } finally {
    clearTimeout(late);
    say('working', '');
  }
}

/**
 * Has it done once somebody has agreed with his name; says what came of it, or what did not, which may be while another view is shown: the
 * words, those of done too, tell what they are about. What was wrong is asked again.
 */
async function act({ title, hint, yes = title, what = title }, done) {
  const at = location.hash;
  let problem = '';
  do {
    const actor = await ask(title, hint, yes, problem);
    if (actor === null) {
      return;
    }
    problem = '';
    try {
      tell(await atWork(what, done(actor)));
    } catch (failure) {
      if (failure.status === 400 && location.hash === at) {
        problem = failure.message;
      } else {
        tell('', `${what}: ${failure.message}${failure instanceof Lost ? ' It is not known whether this was done: look again once it is back.' : ''}`);
      }
    }
  } while (problem);
}

function actOnOne(action, title, hint, words) {
  const { id } = drawn;
  return act({ title, hint: `Transfer ${id}. ${hint}`, what: `${title}, ${id}` }, async (actor) => {
    await call(`api/transfers/${id}/${action}`, { method: 'POST', actor });
    return `Transfer ${id} ${words}.`;
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
  const counted = await atWork('the transfers are counted', post({ body: { ...body, dryRun: true } })).catch((failure) => ({ failure }));
  if (location.hash !== at) {
    return;
  }
  if (counted.failure) {
    throw counted.failure;
  }
  const { matched, done, refused } = counted;
  const left = Object.keys(refused).length ? ` The others are left as they are: ${refusals(refused)}.` : '';
  if (done === 0) {
    tell(`There is nothing to ${verb.toLowerCase()} among ${count(matched, 'transfer')}.${left}`);
    return;
  }
  const what = `${verb} ${count(done, 'transfer')}`;
  await act({ title: `${verb} ${number(done)} of ${count(matched, 'transfer')}?`, hint: `${hint}${left}`, yes: what, what }, async (actor) => {
    const answer = await post({ body: { ...body, most: done }, actor });
    return `${count(answer.done, 'transfer')} ${participle}. ${refusals(answer.refused)}`;
  });
}

function pause(action, kind, name) {
  const [title, hint, words] =
    action === 'pause'
      ? [`Pause ${kind} ${name}`, 'Nothing is begun there until somebody resumes it; transfers wait, and grow no older.', `${kind} ${name} is paused.`]
      : [`Resume ${kind} ${name}`, 'What waits there goes on.', `${kind} ${name} goes on.`];
  return act({ title, hint }, async (actor) => {
    await call('api/actions', { method: 'POST', actor, body: { action, filter: { [kind]: name } } });
    return words;
  });
}

const named = ({ requestId, id }) => `the request ${requestId ?? id}`;

function stop(one) {
  const title = `Stop asking for ${named(one)}`;
  return act({ title, hint: 'It is not asked again; what goes on of its last transfer goes on.', yes: 'Stop' }, async (actor) => {
    await call(`api/recurrences/${one.id}/stop`, { method: 'POST', actor });
    return `${named(one)} is not asked again.`;
  });
}

/** What is not shown is disabled, since a browser holds a form up by what nobody can see. */
function showRepeat(shown, every, until) {
  byId('every').value = every;
  byId('until').value = until;
  byId('ask-repeat').disabled = !shown;
  byId('ask-repeat').hidden = !shown;
}

async function change(one) {
  showRepeat(true, one.repeatEvery, one.repeatUntil);
  try {
    const title = `Change how often ${named(one)} is asked`;
    await act({ title, hint: 'Until is in UTC, and no later than the end of the consent.', yes: 'Change' }, async (actor) => {
      // what stays as it was may have been changed by somebody else meanwhile
      const given = { every: [byId('every').value, one.repeatEvery], until: [byId('until').value, one.repeatUntil] };
      const differs = Object.entries(given).filter(([, [now, before]]) => now !== before);
      if (!differs.length) {
        return `Nothing was changed of ${named(one)}.`;
      }
      const asked = new URLSearchParams(differs.map(([name, [now]]) => [name, now]));
      const { nextAt } = await call(`api/recurrences/${one.id}/change?${asked}`, { method: 'POST', actor });
      return `${named(one)} is asked next at ${moment(nextAt)}.`;
    });
  } finally {
    showRepeat(false, '', '');
  }
}

function on(id, done) {
  byId(id).addEventListener('click', done);
}

on('now', alone(() => actOnOne('now', 'Try now', 'What waits for its next try is tried at once; a hold still counts.', 'is tried now')));
on('retry', alone(() => actOnOne('retry', 'Retry the transfer', 'It goes on from the step that failed and keeps what was done.', 'goes on')));
on('cancel', alone(() => actOnOne('cancel', 'Cancel the transfer', 'It is given up for good; what was delivered stays.', 'is cancelled')));
on('retry-many', alone(() => actOnMany('retry', 'Retry', 'Each goes on from the step that failed and keeps what was done.', 'retried')));
on('now-many', alone(() => actOnMany('now', 'Try now', 'What waits for its next try is tried at once; a hold still counts.', 'tried now')));
on('cancel-many', alone(() => actOnMany('cancel', 'Cancel', 'They are given up for good; what was delivered stays.', 'cancelled')));
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
  moved = true;
  show();
}

let next;

async function keepFresh() {
  const begin = performance.now();
  if (!document.hidden && !locked && !document.querySelector('dialog[open]')) {
    await show();
  }
  clearTimeout(next);
  next = setTimeout(keepFresh, Math.min(LONGEST_REST_MILLIS, Math.max(REFRESH_MILLIS, REST * (performance.now() - begin))));
}

list.prepare();
window.addEventListener('hashchange', move);
window.addEventListener('online', keepFresh);
document.addEventListener('visibilitychange', keepFresh);
// a browser may keep all that stands here for whoever comes back: he gets it as if it were loaded for the first time
window.addEventListener('pagehide', () => {
  forgetKey();
  document.body.hidden = true;
});
window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
clear();
show();
next = setTimeout(keepFresh, REFRESH_MILLIS);
