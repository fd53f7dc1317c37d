/**
 * Thumbs below an answer, and a field for a better one. Copy this file; it needs nothing else.
 *
 *   showFeedback(document.querySelector('#answer-7'), { url: '/feedback', about: { trace_id, span_id } });
 *
 * `about` names what is judged: trace_id (with span_id), response_id or session_id. `url` is a path of your own application that passes
 * the body on to Driftline, see server.js: the key must not be in a page.
 */
export function showFeedback(answer, { url, about }) {
  // One id for all that is said of this answer: a second thought replaces the first.
  const id = `${about.span_id ?? about.response_id ?? about.trace_id ?? about.session_id}-${visitor()}`;
  const bar = document.createElement('div');
  bar.className = 'feedback';
  bar.setAttribute('role', 'group');
  bar.setAttribute('aria-label', 'Was this answer good?');
  const state = document.createElement('span');
  state.setAttribute('role', 'status');

  const say = async said => {
    state.textContent = 'Sending …';
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id, ...about, ...said }),
        keepalive: true,
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
      state.textContent = 'Thank you.';
      return true;
    } catch {
      state.textContent = 'That did not arrive. Please try again.';
      return false;
    }
  };

  const up = button('👍', 'Good answer');
  const down = button('👎', 'Bad answer');
  const better = correctionForm(text => say({ correction: text }));
  const rate = async (rating, pressed, other) => {
    if (!(await say({ rating }))) return;
    pressed.setAttribute('aria-pressed', 'true');
    other.setAttribute('aria-pressed', 'false');
    better.hidden = rating === 'up';
  };
  up.addEventListener('click', () => rate('up', up, down));
  down.addEventListener('click', () => rate('down', down, up));
  bar.append(up, down, state, better);
  answer.after(bar);
  return bar;
}

function button(text, label) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.setAttribute('aria-label', label);
  made.setAttribute('aria-pressed', 'false');
  return made;
}

function correctionForm(send) {
  const form = document.createElement('form');
  form.hidden = true;
  const text = document.createElement('textarea');
  text.required = true;
  text.maxLength = 65_536;
  text.rows = 3;
  const label = document.createElement('label');
  label.append('What would have been a better answer?', text);
  const submit = document.createElement('button');
  submit.textContent = 'Send';
  form.append(label, submit);
  form.addEventListener('submit', async event => {
    event.preventDefault();
    if (await send(text.value)) form.hidden = true;
  });
  return form;
}

/** A random id that this browser keeps, so that two people's feedback on one answer is two. */
function visitor() {
  const name = 'feedback-visitor';
  try {
    const known = localStorage.getItem(name) ?? crypto.randomUUID();
    localStorage.setItem(name, known);
    return known;
  } catch {
    return crypto.randomUUID();
  }
}
