// The types of the server's data for the components (pages/components/*.py) and of their messages to it.

type Theme = "light" | "dark";
type Box = [left: number, top: number, width: number, height: number]; // in the figure's own px
type Address = Record<string, string>; // a scene as the parameters of an address
type Value = number | string; // a slider's number, or a drawing by hand as text

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

/** Whole numbers of `size` bytes in base 64, to be multiplied by scale, or to be read as words[number]. */
interface Packed {
  size: 1 | 2 | 4;
  data: string;
  scale: number;
  words: string[];
}

/** Clickable cells in rows and columns: the entry of each is prefix + "row,column", counted from one. */
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

/** What differs in a trace from the same trace of the sweep's base, by key, and in a list by index. */
type Changes = Record<string, unknown>;

interface Frame {
  traces: Changes[];
  explanation: string[];
  legend: Sign[];
  step: string;
}

/** A frame of a sweep: a legend or sentence that is the same as in the first frame is null. */
interface Swept extends Pick<Frame, "traces" | "step"> {
  explanation: (string | null)[];
  legend: Sign[] | null;
}

/** A sign of the legend: its look, its colour, and its meaning in words. */
type Look = "box" | "hatched" | "line" | "dashed" | "dotted" | "cross" | "diamond" | "arrow" | "frame" | "ring" | "right" | "wrong";
type Sign = [look: Look, colour: string, meaning: string];

/** What a button beside the picture, or a key, asks for: as in pages/state/acts.py, which says more of each. */
type Act =
  | "" | "undo" | "redo" | "claim"
  | "reveal" | "again" | "everywhere" | "inputs"
  | "answer" | "next" | "look again" | "from the start"
  | "check" | "back" | "lesson" | "begin"
  | "list next"
  | "vote ask" | "vote open" | "vote not now" | "vote close" | "vote again" | "vote reveal" | "vote next"
  | "vote end" | "vote look" | "vote resume";

/** What is asked beside the picture, or said about an answer. */
interface TaskData {
  heading: string;
  lines: [mark: "right" | "wrong" | "", sentence: string][];
  acts: [act: Act, label: string][];
  main: number;
  highest: number;
  asked: [mark: "right" | "wrong" | "", sentence: string][];
  missed: [number: number, sentence: string][];
  lessons: LessonsData | null;
  keys: Record<string, Act>;
  vote: VoteData | null;
}

/** Why the sliders or the steps cannot be moved at present, in a sentence; "" if they can. */
interface Still {
  sliders: string;
  steps: string;
}

/** A class vote: its code and addresses, the token of the browser that opened it, and its progress. */
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

// What a figure shows of a scene, without what depends on the page around it or on the session.
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
  query: Address | null; // the whole scene, if the address has no room for all of it
}

interface LiveFigureData extends ShownData {
  task: TaskData | null;
  stepping: boolean | null; // whether a phone's step row replaces the slider; null: it is below the picture
  still: Still;
  locked: boolean;
  votes: boolean; // whether a class can be asked here
  voteEnded: string; // the code of a vote that is over
  asks: Address; // parameters of an address that ask the open question again; {} if there is none
  session: string;
  version: number;
  page: string;
  case: string;
  answers: AnswersByName | null;
  acknowledged: string | null;
  sweep: string | null;
  assets: { plotly: string };
}

// The picture inside the page's HTML, shown until Streamlit has loaded.
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
  lecture: LectureFile | null; // the open one, or null
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
  slug: string; // the preset's name on its page
  scene: string; // as a file of scenes has it
  versions: Record<Theme, string>;
}

interface ButtonRowData {
  buttons: [label: string, reason: string | null][];
}

// --- answers to the browser's further requests

interface Texts {
  name: string;
  /** The page's address for others, without a query, and a note about it. */
  here: string;
  hereNote: string;
  command: string;
  python: string;
  latex?: string;
  /** Scripts for frameworks, "" if there is none, and a note about each. */
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

// --- messages to the server

interface News {
  rested: Record<string, Value>[]; // the values whenever the user let go of a slider since the last message
  ask: string;
  clicked: boolean;
  address: Address | null;
  preset: string;
  act: Act;
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

/** What the page of charts asks for. */
interface ChartWants {
  claim?: string; // the token of the run that the tab had before it was reloaded
  chosen?: string; // the entry of the place that was clicked
}

interface Message extends News, State {
  serial: string;
  news: string; // the serial of the message that first reported the same news
  wants: Record<string, string>;
}

// --- the part of plotly.js that is used

/** An element that Plotly has drawn into; c2p: a value's place on the axis, in px, rounded by Plotly. */
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
