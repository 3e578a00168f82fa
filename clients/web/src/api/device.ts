import type { AskingBody } from "@openapi";
import { api, told } from "./client";

/** The device that shows a code. */
export const findDevice = (code: string) =>
  told<AskingBody>(api.GET("/auth/codes/{user_code}", { params: { path: { user_code: code } } }));

export const approveDevice = (code: string) =>
  told<AskingBody>(api.POST("/auth/device/approve", { body: { user_code: code } }));
