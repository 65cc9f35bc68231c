/** Ranges of one network by node: least and greatest value. */
export type Ranges = Readonly<Record<string, readonly [number, number]>>;

/** Images behind the ranges: photographs of the first 50 classes of Caltech-101. With them the build needs no photographs. */
export const CALIBRATED_ON = 200;

/** The default model's tensors that nothing bounds. */
export const DEFAULT_RANGES: Ranges = {
  Conv_23: [-41, 40.4],
  Conv_38: [-36.7, 41.2],
  Conv_53: [-56.3, 48.7],
  Add_54: [-56.2, 54],
  Conv_69: [-24.8, 26.1],
  Conv_84: [-27.1, 20.7],
  Add_85: [-30.4, 29.9],
  Conv_100: [-29.5, 36.8],
  Add_101: [-37.3, 43.6],
  Conv_116: [-23.9, 21.6],
  Conv_131: [-23.2, 27.2],
  Add_132: [-23.6, 26.6],
  Conv_147: [-17, 19.1],
  Add_148: [-26.1, 28.9],
  Conv_163: [-19.6, 19.5],
  Add_164: [-26.9, 30.6],
  Conv_179: [-17.3, 14.7],
  Conv_194: [-14.5, 15.3],
  Add_195: [-18.1, 16.2],
  Conv_210: [-27.4, 20.5],
  Add_211: [-28.7, 21.3],
  Conv_226: [-15.4, 18.7],
  Conv_241: [-12.4, 10.6],
  Add_242: [-19, 21],
  Conv_257: [-27.9, 21.5],
  Add_258: [-27.2, 31.1],
  Conv_273: [-12.2, 13.2],
};

/** The same of the second network. */
export const SECOND_RANGES: Ranges = {
  Conv_23: [-35.1, 35.7],
  Conv_38: [-31.2, 20.6],
  Conv_53: [-28.6, 31.9],
  Add_54: [-29.8, 29.3],
  Conv_69: [-13.5, 14.5],
  Conv_84: [-20.2, 14.7],
  Add_85: [-18.3, 19.8],
  Conv_100: [-27.5, 17],
  Add_101: [-23.2, 23.2],
  Conv_116: [-11.4, 9.4],
  Conv_131: [-9.2, 8.9],
  Add_132: [-14.8, 12.1],
  Conv_147: [-12.5, 10.7],
  Add_148: [-16.7, 16],
  Conv_163: [-15.7, 14.9],
  Add_164: [-20.8, 21.8],
  Conv_179: [-6.5, 7.6],
  Conv_194: [-6.5, 6.9],
  Add_195: [-8, 9],
  Conv_210: [-40.5, 50.4],
  Add_211: [-41.4, 52.4],
  Conv_226: [-4.8, 6.6],
  Conv_241: [-7.8, 7.7],
  Add_242: [-9.4, 8.9],
};
