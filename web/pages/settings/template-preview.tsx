import { usePreviewTemplate } from '../../data/channels.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { StatusIcon } from '../../ui/status.tsx';

/** What a template makes of two alerts that never were, before it is saved. */
export function TemplatePreview({ contentType, template }: { contentType: string; template: string }) {
  const preview = usePreviewTemplate();
  return (
    <div className="flex flex-col items-start gap-2">
      <Button
        disabled={preview.isPending}
        onClick={() => preview.mutate({ content_type: contentType, template })}
      >
        Preview the body
      </Button>
      {preview.error && <Failure what="The preview could not be made." error={preview.error} />}
      {preview.data?.error && (
        <p role="alert" className="flex items-start gap-2 text-critical">
          <span className="mt-0.5">
            <StatusIcon status="critical" />
          </span>
          <span className="min-w-0 break-words">{preview.data.error}</span>
        </p>
      )}
      {preview.data?.samples.map(({ type, body }) => (
        <div key={type} className="w-full">
          <p className="text-label text-muted">{type}</p>
          <pre className="max-h-40 overflow-auto rounded-control bg-surface p-2 font-mono text-label whitespace-pre-wrap break-all">
            {body}
          </pre>
        </div>
      ))}
    </div>
  );
}
