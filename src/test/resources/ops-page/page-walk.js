'use strict';
// Runs page.js on a page that stands for a browser's, and walks from one transfer to one that cannot be loaded.
const { readFileSync } = require('node:fs');
const vm = require('node:vm');

const nodes = new Map();
const listeners = {};
const posted = [];
const byId = (id) => {
  if (!nodes.has(id)) {
    nodes.set(id, node(id));
  }
  return nodes.get(id);
};

function node(id) {
  return {
    id,
    hidden: true,
    disabled: false,
    textContent: '',
    value: '',
    children: [],
    listeners: {},
    elements: { status: { addEventListener() {} }, payer: {} },
    setAttribute() {},
    removeAttribute() {},
    focus() {},
    append(...more) {
      this.children.push(...more);
    },
    replaceChildren(...all) {
      this.children = all;
    },
    addEventListener(name, done) {
      this.listeners[name] = done;
    },
    showModal() {
      this.returnValue = 'yes';
      this.listeners.close();
    },
  };
}

const location = { hash: '#/transfers/good' };
const transfer = {
  id: 'good', status: 'FAILED', jobs: [], files: [], deliveries: [], events: [], held: [],
  totals: { jobs: 0, files: 0, deliveries: 0, events: 0 },
};
const answer = (status, body) => ({ status, ok: status === 200, json: async () => body });

vm.runInNewContext(readFileSync(process.argv[2], 'utf8'), {
  document: {
    getElementById: byId,
    createElement: node,
    querySelector: (query) => (query.startsWith('main') ? node('h1') : null),
    hidden: false,
  },
  window: { addEventListener: (name, done) => (listeners[name] = done) },
  location,
  setInterval() {},
  URLSearchParams,
  fetch: async (path, { method } = {}) => {
    if (method === 'POST') {
      posted.push(path);
      return answer(200, {});
    }
    return path === 'api/transfers/good' ? answer(200, transfer) : path.startsWith('observe') ? answer(200, {}) : answer(404, { error: 'no such transfer' });
  },
});

const settled = () => new Promise((done) => setImmediate(done));
const seen = () => `${byId('list').hidden ? '' : 'list '}${byId('transfer').hidden ? '' : `transfer ${byId('id').textContent} `}${byId('problem').textContent}`.trim();

const retry = () => byId('transfer').hidden || byId('retry').listeners.click();

(async () => {
  await settled();
  console.log(seen());
  location.hash = '#/transfers/gone';
  listeners.hashchange();
  await settled();
  console.log(seen());
  retry();
  await settled();
  location.hash = '#/transfers/good';
  listeners.hashchange();
  await settled();
  console.log(seen());
  retry();
  await settled();
  console.log(posted.join(' '));
})();
