import type { OutgoingEvent } from '../channels/channel.ts';
import type { EventPayload } from './message.ts';

/** Alerts that never were, with names that need escaping, by which a template is tried before it is saved. */
export function sampleEvents(baseUrl: string): { type: string; event: OutgoingEvent }[] {
  const types = ['incident.firing', 'incident.resolved'] as const;
  return types.map(type => ({
    type,
    event: { id: 'inc_example.0001', body: JSON.stringify(samplePayload(type, baseUrl)) },
  }));
}

function samplePayload(type: 'incident.firing' | 'incident.resolved', baseUrl: string): EventPayload {
  const resolved = type === 'incident.resolved';
  return {
    type,
    timestamp: resolved ? '2026-11-02T14:40:00.000Z' : '2026-11-02T14:10:00.000Z',
    data: {
      id: 'inc_example',
      title: 'Answer quality of "support" & <billing> fell 9 points: 0.91 → 0.82',
      state: resolved ? 'resolved' : 'firing',
      feature: '"support" & <billing>',
      model: 'example-model',
      environment: 'production',
      metric: 'score:quality',
      metric_label: 'Answer quality',
      direction: 'down',
      before: 0.91,
      after: 0.82,
      unit: 'points',
      changed_at: '2026-11-02T14:02:00.000Z',
      changed_between: { from: '2026-11-02T13:45:00.000Z', to: '2026-11-02T14:15:00.000Z' },
      opened_at: '2026-11-02T14:10:00.000Z',
      resolved_at: resolved ? '2026-11-02T14:40:00.000Z' : null,
      certainty: 'very sure',
      chance_of_noise: 0.003,
      provisional: false,
      retracted: false,
      detail: '',
      also: ['Cost per call of "support" rose 20 %'],
      url: new URL('/a/inc_example', baseUrl).href,
      traces_url: new URL('/traces', baseUrl).href,
    },
  };
}
