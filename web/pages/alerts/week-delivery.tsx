import { useState } from 'react';
import { timeNear, viewerZone } from '../../clock.ts';
import { useChannels } from '../../data/channels.ts';
import { type KeptDigestSettings, useDigestSettings, useSaveDigestSettings } from '../../data/digest.ts';
import { useReportingZone } from '../../data/onboarding.ts';
import { Note } from '../../states/note.tsx';
import { Button } from '../../ui/button.tsx';
import { CheckBox } from '../../ui/check-box.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { Select } from '../../ui/select.tsx';
import { weekdays } from './week-words.ts';

/** When and to whom the week is sent; to nobody until a channel is chosen. */
export function WeekDelivery() {
  const { data } = useDigestSettings();
  if (!data) return null;
  const next = data.next_at && timeNear(Date.parse(data.next_at), Date.now(), viewerZone());
  return (
    <Disclosure summary={next ? `Sent every week, next ${next}` : 'Send this every week'}>
      <Form key={JSON.stringify(data)} saved={data} />
    </Disclosure>
  );
}

function Form({ saved }: { saved: KeptDigestSettings }) {
  const channels = useChannels().data?.channels;
  const zone = useReportingZone();
  const save = useSaveDigestSettings();
  const [chosen, setChosen] = useState<readonly string[]>(saved.channel_ids);
  const [weekday, setWeekday] = useState(saved.weekday);
  const [hour, setHour] = useState(saved.hour);
  if (!channels) return null;
  if (channels.length === 0) return <Note title="There is no channel yet. Add one in Settings." />;
  return (
    <form
      className="flex flex-col gap-3 py-2"
      onSubmit={event => {
        event.preventDefault();
        save.mutate({ channel_ids: [...chosen], weekday, hour });
      }}
    >
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 text-label font-semibold">Channels</legend>
        {channels.map(({ id, name, kind, target }) => (
          <CheckBox
            key={id}
            label={name || kind}
            checked={chosen.includes(id)}
            onChange={event =>
              setChosen(event.target.checked ? [...chosen, id] : chosen.filter(one => one !== id))
            }
          >
            <span className="block text-label text-muted">
              {kind === 'pagerduty' || kind === 'retrain' ? 'Takes alerts only, no digest' : target}
            </span>
          </CheckBox>
        ))}
      </fieldset>
      <div className="flex flex-wrap items-center gap-2">
        <Select
          label="Weekday"
          value={String(weekday)}
          options={weekdays.map((label, at) => ({ value: String(at + 1), label }))}
          onChange={value => setWeekday(Number(value))}
        />
        <Select
          label="Hour"
          value={String(hour)}
          options={Array.from({ length: 24 }, (_, at) => ({
            value: String(at),
            label: `${String(at).padStart(2, '0')}:00`,
          }))}
          onChange={value => setHour(Number(value))}
        />
        <span className="text-muted">{zone}</span>
        <Button type="submit" look="primary" disabled={save.isPending}>
          {chosen.length === 0 ? 'Send to nobody' : 'Save'}
        </Button>
      </div>
      {save.error && (
        <p role="alert" className="text-critical">
          {save.error.message}
        </p>
      )}
    </form>
  );
}
