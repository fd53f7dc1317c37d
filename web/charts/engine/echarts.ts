import { BarChart, CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { connect, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

// Only what is drawn. As SVG, like the sketch it takes the place of: text and lines stay where they are.
use([LineChart, BarChart, CustomChart, GridComponent, TooltipComponent, SVGRenderer]);

export { connect, init };
