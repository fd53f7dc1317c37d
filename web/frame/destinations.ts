import {
  Activity,
  Bell,
  BellRing,
  ChartSpline,
  FlaskConical,
  Gauge,
  GraduationCap,
  HardDriveDownload,
  ListChecks,
  Rocket,
  Scale,
  Settings,
  Sparkles,
  Tag,
  Target,
  UserCheck,
  Wallet,
  Waves,
} from 'lucide-react';

/** Pages of the product, in the order of the rail. */
export const mainPages = [
  { to: '/', label: 'Overview', icon: Gauge, keys: 'g o' },
  { to: '/alerts', label: 'Alerts', icon: Bell, keys: 'g a' },
  { to: '/traces', label: 'Traces', icon: Activity, keys: 'g t' },
  { to: '/spend', label: 'Spend', icon: Wallet, keys: 'g s' },
] as const;

/** How good the answers are: below the main pages in the rail, on a phone under More. */
export const qualityPages = [
  { to: '/quality', label: 'Quality', icon: Sparkles, keys: 'g q' },
  { to: '/drift', label: 'Drift', icon: Waves, keys: 'g d' },
  { to: '/compare', label: 'Compare', icon: FlaskConical, keys: 'g c' },
] as const;

/** Below them in the rail; on a phone under More, where the thumb's four places are taken. */
export const moneyPages = [{ to: '/budgets', label: 'Budgets', icon: Target, keys: 'g b' }] as const;

export const otherPages = [
  { to: '/rules', label: 'Rules', icon: BellRing },
  { to: '/golden', label: 'Golden sets', icon: ListChecks },
  { to: '/review', label: 'Review', icon: UserCheck },
  { to: '/judge', label: 'Judge', icon: Scale },
  { to: '/training', label: 'Training data', icon: GraduationCap },
  { to: '/prices', label: 'Prices', icon: Tag },
  { to: '/ingest', label: 'Ingest', icon: HardDriveDownload },
  { to: '/metrics', label: 'Metrics', icon: ChartSpline },
  { to: '/get-started', label: 'Send data', icon: Rocket },
  { to: '/settings', label: 'Settings', icon: Settings },
] as const;
