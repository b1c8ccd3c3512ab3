// CodeMirror, within a shadow root: there it takes constructed style sheets, which the page's policy allows, and no style elements.
import { useEffect, useRef } from 'preact/hooks';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { yaml } from '@codemirror/lang-yaml';
import { ensureSyntaxTree, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState } from '@codemirror/state';
import { Decoration, EditorView, highlightActiveLineGutter, keymap, lineNumbers, WidgetType } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { html } from './parts.js';

const LANGUAGES = { json, yaml };

const look = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--sunken)', fontSize: '12.5px', border: '1px solid var(--line-strong)', borderRadius: '7px', maxHeight: '56vh' },
  '&.cm-focused, &:focus-within': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--text)', minHeight: '120px' },
  '.cm-gutters': { color: 'var(--muted)', backgroundColor: 'transparent', border: 'none' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text)' },
  '.cm-line.bad': { backgroundColor: 'var(--bad-soft)' },
  '.cm-line.warn': { backgroundColor: 'var(--warn-soft)' },
  // The distance is padding: CodeMirror measures no margins.
  '.note': { padding: '2px 8px 6px' },
  '.note div': { padding: '5px 10px', borderLeft: '3px solid', borderRadius: '5px', fontFamily: 'system-ui, sans-serif', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' },
  '.note.bad div': { color: 'var(--bad)', backgroundColor: 'var(--bad-soft)' },
  '.note.warn div': { color: 'var(--warn)', backgroundColor: 'var(--warn-soft)' },
});

const colors = syntaxHighlighting(HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent-text)' },
  { tag: [tags.string, tags.content], color: 'var(--text)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--ok)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
]));

class Note extends WidgetType {
  constructor({ tone, text }) {
    super();
    this.tone = tone;
    this.text = text;
  }

  eq(other) {
    return this.tone === other.tone && this.text === other.text;
  }

  toDOM() {
    const note = Object.assign(document.createElement('div'), { className: 'note ' + this.tone });
    note.append(Object.assign(document.createElement('div'), { textContent: this.text }));
    return note;
  }
}

/** Where in a JSON text a pointer such as /items/0/id leads: to the value itself, or to the nearest one around it. */
function position(state, pointer) {
  const tree = ensureSyntaxTree(state, state.doc.length, 500);
  let at = tree ? tree.topNode.firstChild : null;
  for (const part of pointer.split('/').slice(1).map(each => each.replaceAll('~1', '/').replaceAll('~0', '~'))) {
    const values = new Map();
    for (let child = at && at.firstChild; child; child = child.nextSibling) {
      if (child.name === 'Property') {
        const name = child.getChild('PropertyName');
        if (state.sliceDoc(name.from, name.to) === JSON.stringify(part)) values.set(part, child);
      } else if (!['{', '}', '[', ']', '⚠'].includes(child.name)) values.set(String(values.size), child);
    }
    const found = values.get(part);
    if (!found) break;
    at = found.name === 'Property' ? found.lastChild : found;
  }
  return at ? at.from : 0;
}

const line = (state, note) => (note.line === undefined ? state.doc.lineAt(position(state, note.pointer)) : state.doc.line(Math.min(Math.max(note.line, 1), state.doc.lines)));

function marks(state, notes) {
  const found = notes.map(note => ({ note, at: line(state, note) })).sort((one, other) => one.at.from - other.at.from);
  return EditorView.decorations.of(Decoration.set(found.flatMap(({ note, at }) => [
    Decoration.line({ class: note.tone }).range(at.from),
    Decoration.widget({ widget: new Note(note), block: true, side: 1 }).range(at.to),
  ]), true));
}

/**
 * @param notes what is wrong, shown below its line: {line or pointer into the JSON, tone, text}
 * @param onInput called with the text at each change; without it, the text is only shown
 */
export default function Editor({ label, value, language, notes = [], onInput, autofocus }) {
  const host = useRef();
  const view = useRef(null);
  const marked = useRef(new Compartment());
  const listener = useRef(onInput);
  listener.current = onInput;
  useEffect(() => {
    const root = host.current.shadowRoot || host.current.attachShadow({ mode: 'open' });
    view.current = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: value,
        extensions: [
          lineNumbers(), highlightActiveLineGutter(), history(), keymap.of([...defaultKeymap, ...historyKeymap]), EditorView.lineWrapping, look, colors,
          LANGUAGES[language] ? LANGUAGES[language]() : [],
          EditorState.readOnly.of(!onInput),
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
          EditorView.updateListener.of(update => update.docChanged && listener.current && listener.current(update.state.doc.toString())),
          marked.current.of([]),
        ],
      }),
    });
    if (autofocus) view.current.focus();
    return () => view.current.destroy();
  }, []);
  useEffect(() => {
    const now = view.current.state.doc.toString();
    if (now !== value) view.current.dispatch({ changes: { from: 0, to: now.length, insert: value } });
  }, [value]);
  useEffect(() => view.current.dispatch({ effects: marked.current.reconfigure(marks(view.current.state, notes)) }), [JSON.stringify(notes), value]);
  return html`<div class="editor" ref=${host}></div>`;
}
