// What a dashboard of deploy/monitoring may be, by Grafana's own types, made strict: a field that Grafana
// doesn't know is refused, also where its types leave a panel's options open.

import type { Dashboard as AnyDashboard, DataQuery, FieldConfig, GraphFieldConfig, Panel as AnyPanel, RowPanel,
  TableFieldOptions } from '@grafana/schema';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { Options as TableOptions } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type { Options as TimeSeriesOptions } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

// As JSON has it: instead of an enum its values.
type Plain<T> = T extends string ? `${T}`
  : T extends number ? (`${T}` extends `${infer N extends number}` ? N : never)
  : T extends object ? { [K in keyof T]: Plain<T[K]> }
  : T;

// Of Grafana's data source for Prometheus, whose types aren't published.
interface PrometheusQuery extends DataQuery {
  expr: string;
  legendFormat: string;
  instant?: boolean;
  format?: 'time_series' | 'table' | 'heatmap';
}

interface OrganizeFields {
  id: 'organize';
  options: { excludeByName: { Time: boolean; __name__: boolean } };
}

type PanelOf<Type extends string, Options, Custom> =
  Omit<AnyPanel, 'type' | 'options' | 'fieldConfig' | 'targets' | 'transformations'> & {
    type: Type;
    title: string;
    options: Options;
    fieldConfig: { defaults: Omit<FieldConfig, 'custom'> & { custom?: Custom }; overrides: [] };
    targets: PrometheusQuery[];
    transformations?: OrganizeFields[];
  };

type Panel = RowPanel
  | PanelOf<'stat', StatOptions, {}>
  | PanelOf<'table', TableOptions, TableFieldOptions>
  | PanelOf<'timeseries', TimeSeriesOptions, GraphFieldConfig>;

export type Dashboard = Plain<Omit<AnyDashboard, 'panels'> & { panels: Panel[] }>;
