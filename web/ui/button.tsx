import type { ButtonHTMLAttributes, Ref } from 'react';
import { classes } from './classes.ts';

export type ButtonLook = 'primary' | 'plain' | 'quiet' | 'danger';

const LOOKS: Record<ButtonLook, string> = {
  primary: 'bg-accent text-bg border-transparent font-semibold hover:opacity-90',
  plain: 'bg-bg text-ink border-control hover:bg-surface',
  quiet: 'bg-transparent text-ink border-transparent hover:bg-surface',
  danger: 'bg-bg text-critical border-critical hover:bg-surface',
};

/** Classes of a control: 32 px high, 44 under a finger. Links that look like buttons use them too. */
export const controlClasses = (look: ButtonLook = 'plain', square = false) =>
  classes(
    'inline-flex shrink-0 items-center justify-center gap-2 rounded-control border text-body whitespace-nowrap',
    'h-8 pointer-coarse:h-11 disabled:opacity-50 disabled:cursor-default aria-disabled:opacity-50',
    square ? 'w-8 pointer-coarse:w-11' : 'px-3',
    LOOKS[look],
  );

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: ButtonLook;
  /** Only an icon; give it an aria-label. */
  square?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = 'plain', square = false, className, ...rest }: ButtonProps) {
  return <button type="button" className={classes(controlClasses(look, square), className)} {...rest} />;
}
