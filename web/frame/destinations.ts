import { Activity, Bell, ChartSpline, Gauge, HardDriveDownload, Rocket, Settings } from 'lucide-react';

/** Pages of the product, in the order of the rail. */
export const mainPages = [
  { to: '/', label: 'Overview', icon: Gauge, keys: 'g o' },
  { to: '/alerts', label: 'Alerts', icon: Bell, keys: 'g a' },
  { to: '/traces', label: 'Traces', icon: Activity, keys: 'g t' },
] as const;

export const otherPages = [
  { to: '/ingest', label: 'Ingest', icon: HardDriveDownload },
  { to: '/metrics', label: 'Metrics', icon: ChartSpline },
  { to: '/get-started', label: 'Send data', icon: Rocket },
  { to: '/settings', label: 'Settings', icon: Settings },
] as const;
