import { useState } from 'react';
import type { Message } from '#contract/trace.ts';
import { classes } from '../../ui/classes.ts';

/** The conversation of a call: what went in, then what came out. */
export function Messages({ input, output }: { input: Message[]; output: Message[] }) {
  const all = [...input.map(one => ({ ...one, out: false })), ...output.map(one => ({ ...one, out: true }))];
  if (all.length === 0) return <p className="text-muted">None captured.</p>;
  return (
    <ol className="flex flex-col gap-3">
      {all.map((message, at) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: messages have no id and never change
          key={at}
          className={classes('border-l-2 pl-3', message.out ? 'border-accent' : 'border-line')}
        >
          <p className="text-label text-muted">
            <span className="font-semibold text-ink">{message.role}</span>
            {message.out && ' · answer'}
            {message.finish_reason && ` · ${message.finish_reason}`}
          </p>
          {message.parts.map((part, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: parts have no id and never change
            <Part key={index} part={part} />
          ))}
        </li>
      ))}
    </ol>
  );
}

type MessagePart = Message['parts'][number];

function Part({ part }: { part: MessagePart }) {
  switch (part.type) {
    case 'text':
      return <LongText text={textOf(part.content)} />;
    case 'reasoning':
      return (
        <div className="text-muted italic">
          <LongText text={textOf(part.content)} />
        </div>
      );
    case 'tool_call':
      return <Payload label={`calls ${textOf(part.name) || 'a tool'}`} value={part.arguments} />;
    case 'tool_call_response':
      return <Payload label={`answer of ${textOf(part.name) || 'the tool'}`} value={part.response} />;
    default:
      return <Payload label={part.type} value={part.content ?? part} />;
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : value === undefined || value === null
      ? ''
      : JSON.stringify(value, null, 2);

function Payload({ label, value }: { label: string; value: unknown }) {
  return (
    <div className="mt-1 rounded-control bg-surface px-2 py-1">
      <p className="text-label text-muted">{label}</p>
      <div className="font-mono text-label">
        <LongText text={textOf(value)} />
      </div>
    </div>
  );
}

const FOLD_AT = 1200;

/** Long texts are folded; the rest is one press away. */
function LongText({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  const long = text.length > FOLD_AT;
  return (
    <>
      <p className="break-words whitespace-pre-wrap">{long && !open ? `${text.slice(0, FOLD_AT)}…` : text}</p>
      {long && (
        <button
          type="button"
          className="text-accent hover:underline pointer-coarse:min-h-11"
          onClick={() => setOpen(!open)}
        >
          {open ? 'Show less' : 'Show all'}
        </button>
      )}
    </>
  );
}
