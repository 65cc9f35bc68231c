/** Entry of the larger view of one image. */
import "../base.css";
import "../controls.css";
import "./picture.css";
import { HostLink, type VsCodeApi } from "../rpc.ts";
import { PicturePage } from "./picturePage.ts";

declare function acquireVsCodeApi(): VsCodeApi;

const page = document.querySelector("lookalike-picture");
if (page instanceof PicturePage) void page.connect(new HostLink(acquireVsCodeApi()));
