import * as fleet from './fleet.js';
import * as logs from './logs.js';
import * as node from './node.js';
import {el} from './dom.js';

const LOOK_EVERY_MILLIS = 2000;
const view = document.getElementById('view');
const state = document.getElementById('state');
let leave = () => {};
let visit = 0;

function route() {
  const [path, search = ''] = location.hash.replace(/^#/, '').split('?');
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  return {name: parts[0] ?? 'fleet', node: parts[1], filter: Object.fromEntries(new URLSearchParams(search))};
}

function say(text, lost) {
  state.textContent = text;
  state.classList.toggle('lost', lost);
}

// Redrawn only when something is different, so that a selection survives.
async function poll(mine, load) {
  while (mine === visit) {
    if (!document.hidden) {
      try {
        const drawn = el('div', {class: 'page'}, await load());
        if (mine !== visit) return;
        if (!drawn.isEqualNode(view.firstElementChild)) view.replaceChildren(drawn);
        say('live', false);
      } catch (problem) {
        say(`not up to date: ${problem.message}`, true);
      }
    }
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MILLIS));
  }
}

async function go() {
  const mine = ++visit;
  leave();
  leave = () => {};
  const where = route();
  document.querySelectorAll('nav a').forEach((a) => a.classList.toggle('here', a.dataset.view === (where.name === 'logs' ? 'logs' : 'fleet')));
  document.title = where.node ? `${where.node} – Farrier` : 'Farrier';
  if (where.name === 'logs') {
    say('', false);
    const stop = await logs.open(view, where.filter).catch((problem) => say(problem.message, true));
    if (mine === visit) leave = stop ?? (() => {});
    else stop?.();
  } else {
    poll(mine, () => (where.name === 'node' && where.node ? node.show(where.node) : fleet.show()));
  }
}

addEventListener('hashchange', go);
go();
