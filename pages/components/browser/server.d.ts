// What the server sends to the components, and what it hears of them: pages/components/*.py.

type Theme = "light" | "dark";
type Box = [left: number, top: number, width: number, height: number]; // px of the figure's own
type Address = Record<string, string>; // a scene, by the keys of an address
type Value = number | string; // of a slider; text of what is drawn by hand

// --- pictures

type Trace = Record<string, any>;

interface Layout {
  width: number;
  height: number;
  [key: string]: unknown;
}

interface Figure {
  data: Trace[];
  layout: Layout;
}

interface Target {
  entry: string;
  said: string;
  box: Box;
  valued: boolean;
}

/** Whole numbers of `size` bytes in base 64, times scale; words are said instead of 0, 1, … */
interface Packed {
  size: 1 | 2 | 4;
  data: string;
  scale: number;
  words: string[];
}

/** Cells in rows and columns, each the entry prefix + "row,column", counted from one. */
interface GridData {
  prefix: string;
  said: string;
  rows: number;
  columns: number;
  box: Box;
  values: Packed | null;
  gradients: Packed | null;
  group: string;
  lined: boolean;
}

interface SliderData {
  name: string;
  label: string;
  value: number;
  left: number;
  top: number;
  width: number;
  low: number;
  high: number;
  grid: number;
  named: boolean;
  said: string;
  power: boolean;
  area: Box | null;
}

interface PadData {
  name: string;
  text: string;
  prefix: string;
  box: Box;
  tool: "look" | "draw" | "erase" | "restore";
  image: string;
  colours: [paper: string, ink: string];
}

/** Of each trace what is different in it, key by key, in a list index by index. */
type Changes = Record<string, unknown>;

interface Frame {
  traces: Changes[];
  explanation: string[];
  legend: Sign[];
  step: string;
}

/** A sweep's: null for a legend, and for each sentence, that is the same in the first. */
interface Swept extends Pick<Frame, "traces" | "step"> {
  explanation: (string | null)[];
  legend: Sign[] | null;
}

/** What something on the picture means: its look, its colour, and in words. */
type Look = "box" | "hatched" | "line" | "dashed" | "dotted" | "cross" | "diamond" | "arrow" | "frame" | "ring" | "right" | "wrong";
type Sign = [look: Look, colour: string, meaning: string];

/** What is asked beside the picture, or said about an answer. */
interface TaskData {
  heading: string;
  lines: [mark: "right" | "wrong" | "", sentence: string][];
  acts: [act: string, label: string][];
  main: number;
  highest: number;
  asked: [mark: "right" | "wrong" | "", sentence: string][];
  missed: [number: number, sentence: string][];
  lessons: LessonsData | null;
  keys: Record<string, string>;
  vote: VoteData | null;
}

/** What cannot be moved at present, in a sentence why; "" for what can. */
interface Still {
  sliders: string;
  steps: string;
}

/** A class votes: where, with which token, and how far it is. */
interface VoteData {
  code: string;
  token: string;
  path: string;
  address: string;
  qr: string;
  everywhere: boolean;
  phase: "open" | "closed" | "revealed";
  round: number;
  votes: number;
}

interface LessonsData {
  titles: string[];
  at: number;
  passed: number[];
}

interface SweepData {
  name: string;
  key: string;
  values: number[];
  base: Trace[];
  frames: Swept[];
}

// --- the components

interface Component<Data> {
  data: Data;
  parentElement: HTMLElement;
  setStateValue(name: string, value: unknown): void;
  setTriggerValue(name: string, value: unknown): void;
}

// What a figure shows of a scene; not the page around it, nor the session.
interface ShownData {
  figure: Figure;
  targets: Target[];
  grids: GridData[];
  left: number | null;
  pad: PadData | null;
  explanation: string[];
  legend: Sign[];
  stepSaid: string;
  summary: string;
  sliders: SliderData[];
  steps: string[];
  step: number | null;
  entry: string;
  marking: boolean;
  theme: Theme;
  narrow: boolean;
  keys: Record<string, string>;
  address: Address;
  query: Address | null; // the whole state, where the address has no room for it
}

interface LiveFigureData extends ShownData {
  task: TaskData | null;
  stepping: boolean | null; // on a phone: the step row instead of the slider, or none; null: beneath
  still: Still;
  locked: boolean;
  votes: boolean; // whether a class can be asked here
  voteEnded: string; // the code of a vote that is over
  asks: Address; // what is asked and not answered yet; {} for nothing
  session: string;
  version: number;
  page: string;
  case: string;
  answers: AnswersByName | null;
  acknowledged: string | null;
  sweep: string | null;
  assets: { plotly: string };
}

// What is inside the page, and is shown before Streamlit is there.
interface FirstPictureData {
  title: string;
  purpose: string;
  light: ShownData;
  dark: ShownData;
}

interface LiveChartsData {
  charts: { figure: string; said: string; targets: Target[] }[];
  theme: Theme;
  address: Address;
  token: string;
  texts: Texts;
  session: string;
  assets: { plotly: string };
}

interface GalleryData {
  files: string;
  home: string;
  groups: { title: string; about: string; slides: GallerySlide[] }[];
  lecture: LectureFile | null; // that is open
  assets: { plotly: string };
}

interface LectureFile {
  name: string;
  stops: (NamedPreset & { address: string })[];
  problems: string[]; // a sentence for each scene that cannot be shown
}

interface GallerySlide {
  name: string;
  title: string;
  address: string;
  page: string;
  slug: string; // what a presenter asks the page for
  scene: string;
  versions: Record<Theme, string>;
}

interface ButtonRowData {
  buttons: [label: string, reason: string | null][];
}

// --- what is asked for, and the answers

interface Texts {
  name: string;
  /** Where the page is for others, without a query, and what is to be said of that. */
  here: string;
  hereNote: string;
  command: string;
  python: string;
  latex?: string;
  /** Scripts for frameworks, "" for none, and what is to be said of each. */
  torch?: string;
  torchNote?: string;
  jax?: string;
  jaxNote?: string;
}

interface NamedPreset {
  page: string;
  slug: string;
  group: string;
  title: string;
}

/** A cell's fill, border and text, by the sign of its gradient. */
type Colours = Record<"positive" | "negative" | "zero", [fill: string, line: string, text: string]>;

interface Answers {
  texts: Texts;
  slide: { suffix: string; figure: string; size: [width: number, height: number]; name: string }[];
  html: { html: string; mark: string };
  presenter: { presets: NamedPreset[]; colours: Colours };
  address: { address: string; qr: string; note: string };
  look: string;
  votes: { name: string; csv: string; json: string };
}

type AnswersByName = Record<string, { argument: string; answer: any }>;

// --- what the server hears

interface News {
  rested: Record<string, Value>[]; // where the hand has let go since, before it moved something else
  ask: string;
  clicked: boolean;
  address: Address | null;
  preset: string;
  act: string;
  argument: string;
}

interface State {
  values: Record<string, Value>;
  step: Value | null;
  entry: string;
  theme: Theme;
  narrow: boolean;
  version: number;
  settled: boolean;
}

interface Message extends News, State {
  serial: string;
  news: string; // the serial of the message that told its news first
  wants: Record<string, string>;
}

// --- plotly.js, as far as it is used

/** What a figure was drawn into; c2p: where a number lies, in px, as Plotly rounds it. */
interface Graph extends HTMLElement {
  data: Trace[];
  emit(event: string): void;
  _fullLayout: Record<"xaxis" | "yaxis", { c2p(value: number): number }>;
}

interface Window {
  Plotly?: {
    react(graph: HTMLElement, data: Trace[], layout: Layout, config: object): Promise<unknown>;
    purge(graph: HTMLElement): void;
    toImage(figure: Figure, options: object): Promise<string>;
  };
}
