import {get, query} from './api.js';
import {clock, visible} from './format.js';
import {el} from './dom.js';

// More rows than this make a browser slow and nobody wiser; the store has them all.
const MAX_ROWS = 2000;
const FIRST_LINES = 300;

const marked = (text, q) => {
  if (!q) return [text];
  const parts = [];
  let from = 0;
  for (let at = text.indexOf(q); at >= 0; at = text.indexOf(q, from)) {
    parts.push(text.slice(from, at), el('b', {}, q));
    from = at + q.length;
  }
  return [...parts, text.slice(from)];
};

const row = (line, q) => el('div', {class: `line ${line.stream === 'stderr' ? 'stderr' : ''}`},
  el('time', {title: `node: ${line.time ?? '–'}   collector: ${line.received}`}, clock(line.time ?? line.received)),
  el('span', {class: 'where', title: `${visible(line.node)} / ${visible(line.container)}`}, `${line.node} / ${line.container}`),
  el('span', {class: 'text'}, marked(line.text, q), line.partial ? ' …' : undefined, line.cut ? ' [cut]' : undefined));

const key = (line) => `${line.node} ${line.source} ${line.offset}`;

/** Shows lines until the returned function is called. */
export async function open(view, filter) {
  const {nodes} = await get('/api/nodes');
  const lines = el('div', {class: 'lines', role: 'log'});
  const follow = el('input', {type: 'checkbox', id: 'follow', checked: true});
  const note = el('span', {class: 'soft'});
  let stream;
  let waiting;
  let current;
  let q = filter.q ?? '';
  const join = el('input', {type: 'checkbox', id: 'join', checked: filter.join !== undefined, onchange: () => start()});

  const chosen = () => ({node: form.elements.node.value, container: form.elements.container.value.trim(), q: form.elements.q.value, join: join.checked ? filter.join || 'auto' : ''});
  const form = el('form', {class: 'filter', onsubmit: (event) => { event.preventDefault(); start(); }},
    el('select', {name: 'node', 'aria-label': 'Node', onchange: () => start()},
      el('option', {value: ''}, 'All nodes'),
      nodes.map((n) => el('option', {value: n.name, selected: n.name === filter.node}, n.name))),
    el('input', {name: 'container', placeholder: 'Container', 'aria-label': 'Container', value: filter.container ?? ''}),
    el('input', {name: 'q', type: 'search', placeholder: 'Lines that contain …', 'aria-label': 'Text', value: q}),
    el('button', {type: 'submit'}, 'Show'),
    el('label', {title: 'Stack traces and the like, as one line'}, join, ' join'),
    el('label', {}, follow, ' follow'),
    note);

  const add = (element) => {
    lines.append(element);
    while (lines.childElementCount > MAX_ROWS) lines.firstElementChild.remove();
    if (follow.checked) lines.scrollTop = lines.scrollHeight;
  };

  // Live lines that come while the stored ones are read wait for them; those that are in both are shown once.
  async function load(wanted) {
    waiting = [];
    try {
      const found = await get(`/api/logs${query({...wanted, limit: FIRST_LINES})}`);
      if (wanted !== current) return;
      const shown = new Set(found.lines.map(key));
      lines.replaceChildren(...found.lines.map((line) => row(line, q)));
      lines.scrollTop = lines.scrollHeight;
      waiting.filter((line) => !shown.has(key(line))).forEach((line) => add(row(line, q)));
      note.textContent = found.complete ? (lines.childElementCount ? '' : 'no line yet') : 'the search ran out of time: narrow it';
    } catch (problem) {
      note.textContent = visible(problem.message);
    }
    waiting = undefined;
  }

  function start() {
    stream?.close();
    const wanted = chosen();
    current = wanted;
    q = wanted.q;
    history.replaceState(null, '', `#/logs${query(wanted)}`);
    stream = new EventSource(`/api/logs/live${query(wanted)}`);
    stream.addEventListener('open', () => load(wanted));
    stream.addEventListener('line', (event) => {
      const line = JSON.parse(event.data);
      if (waiting) {
        waiting.push(line);
        return;
      }
      note.textContent = '';
      add(row(line, q));
    });
    stream.addEventListener('skipped', (event) =>
      add(el('div', {class: 'line skipped'}, `${JSON.parse(event.data).lines} lines came too fast to be shown here; the store has them`)));
  }

  view.replaceChildren(el('section', {class: 'card'}, form, lines));
  start();
  return () => stream?.close();
}
