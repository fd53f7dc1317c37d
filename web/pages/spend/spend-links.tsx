import { Link } from '@tanstack/react-router';
import { classes } from '../../ui/classes.ts';

/** Pages about money, by their path. */
const labels = {
  '/spend': 'Spend',
  '/budgets': 'Budgets',
  '/spend/outcomes': 'Outcomes',
  '/spend/reconcile': 'Reconcile',
  '/statement': 'Statement',
  '/prices': 'Prices',
} as const;

/** Ways from one of these pages to others. */
export function SpendLinks({ to, className }: { to: readonly (keyof typeof labels)[]; className?: string }) {
  return (
    <nav aria-label="Spend" className={classes('mb-3 flex flex-wrap gap-x-4 gap-y-1', className)}>
      {to.map(path => (
        <Link key={path} to={path} className="text-accent hover:underline pointer-coarse:py-2">
          {labels[path]}
        </Link>
      ))}
    </nav>
  );
}
