import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Resvg } from '@resvg/resvg-js';

const font = 'DejaVu Sans';
const require = createRequire(import.meta.url);
const fontFile = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');

/** Renders an SVG as PNG, `width` pixels wide, with a font that comes along: a container has none. */
export function pngOf(svg: string, width: number): Buffer {
  const image = new Resvg(svg, {
    fitTo: { mode: 'width', value: width },
    background: '#ffffff',
    font: {
      loadSystemFonts: false,
      fontFiles: [fontFile, `${dirname(fontFile)}/DejaVuSans-Bold.ttf`],
      defaultFontFamily: font,
      sansSerifFamily: font,
    },
  });
  return image.render().asPng();
}
