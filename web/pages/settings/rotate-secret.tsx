import type { Channel } from '#contract/channel.ts';
import { dayTime, viewerZone } from '../../clock.ts';
import { useRotateSecret } from '../../data/channels.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { SigningSecret } from './signing-secret.tsx';

/** A new signing secret; the one before it signs as well for a day, so that the receiver can be changed in between. */
export function RotateSecret({ channel }: { channel: Channel }) {
  const rotate = useRotateSecret();
  const until = rotate.data?.previous_secret_until ?? channel.previous_secret_until;
  return (
    <div className="flex flex-col items-start gap-2">
      <p className="text-label font-semibold">Signing secret</p>
      {until && (
        <p className="text-muted">
          The one before is used as well until {dayTime(Date.parse(until), viewerZone())}.
        </p>
      )}
      {rotate.data ? (
        <SigningSecret name={channel.name} secret={rotate.data.secret} />
      ) : (
        <Button disabled={rotate.isPending} onClick={() => rotate.mutate(channel.id)}>
          Make a new secret
        </Button>
      )}
      {rotate.error && <Failure what="The secret was not replaced." error={rotate.error} />}
    </div>
  );
}
