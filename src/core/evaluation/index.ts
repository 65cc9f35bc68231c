export { evaluateRetrieval, type LabelledEmbeddings, type RetrievalScores } from "./recall.ts";
