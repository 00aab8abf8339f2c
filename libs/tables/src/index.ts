export type { Column, FeatureTable, NumberColumn, TextColumn } from './feature-table.js';
