/** Entry of the similar page. */
import "../base.css";
import "../controls.css";
import "./similar.css";
import "./query.css";
import "./tools.css";
import "./words.css";
import "./lists.css";
import "./card.css";
import "./duel.css";
import "./labels.css";
import "./why.css";
import "./enlarged.css";
import "./marks.css";
import "../thumbnail.ts";
import "./queryPicture.ts";
import "./linkLayer.ts";
import "./lists.ts";
import "./heatPicture.ts";
import "./why.ts";
import "./kindsGain.ts";
import { keepingOrigin, leaveOnEscape } from "../leave.ts";
import { HostLink, type VsCodeApi } from "../rpc.ts";
import { SimilarPage } from "./similarPage.ts";

declare function acquireVsCodeApi(): VsCodeApi;

const page = document.querySelector("lookalike-similar");
if (page instanceof SimilarPage) {
  const api = acquireVsCodeApi();
  leaveOnEscape(api);
  const link = new HostLink(api);
  void page.connect(keepingOrigin(api, link), link);
}
