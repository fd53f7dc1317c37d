import { BarChart, CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { connect, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

// Only what is drawn; this module is its own chunk and is fetched when the browser is idle.
use([LineChart, BarChart, CustomChart, GridComponent, TooltipComponent, CanvasRenderer]);

export { connect, init };
