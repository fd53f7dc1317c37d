import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, type ButtonLook } from './button.tsx';

interface CopyButtonProps {
  text: string | (() => string);
  /** What is copied, for screen readers; shown too unless `square`. */
  label: string;
  done?: string;
  square?: boolean;
  look?: ButtonLook;
}

export function CopyButton({
  text,
  label,
  done = 'Copied',
  square = false,
  look = 'plain',
}: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'done' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), 2500);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === 'function' ? text() : text);
      setState('done');
    } catch {
      setState('failed');
    }
  };
  const words = state === 'done' ? done : state === 'failed' ? 'Copying is not allowed here' : label;
  const Icon = state === 'done' ? Check : Copy;
  return (
    <Button look={look} square={square} title={words} onClick={() => void copy()}>
      <Icon size={16} aria-hidden />
      <span className={square ? 'sr-only' : undefined} aria-live="polite">
        {words}
      </span>
    </Button>
  );
}
