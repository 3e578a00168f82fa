import type {
  DeliveriesBody,
  DeliveryBody,
  NewWebhookBody,
  ReplayedBody,
  WebhookBody,
  WebhookChangeBody,
  WebhookSecretBody,
  WebhooksBody,
} from "@openapi";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

const AGAIN_MS = 3_000;

/** One's own, the oldest first. */
export const webhooksQuery = queryOptions({
  queryKey: ["webhooks", "list"],
  queryFn: () => told<WebhooksBody>(api.GET("/webhooks")),
});

export const webhookQuery = (id: string) =>
  queryOptions({
    queryKey: ["webhooks", "one", id],
    queryFn: () => told<WebhookBody>(api.GET("/webhooks/{webhook_id}", of(id))),
  });

/** What it was told, the newest first, page by page; read again while something is still to be told. */
export const deliveriesQuery = (id: string, state: DeliveryBody["state"] | null) =>
  infiniteQueryOptions({
    queryKey: ["webhooks", "deliveries", id, state],
    queryFn: ({ pageParam }) =>
      told<DeliveriesBody>(
        api.GET("/webhooks/{webhook_id}/deliveries", {
          params: {
            path: { webhook_id: id },
            query: { limit: 30, before: pageParam ?? undefined, ...(state ? { state } : {}) },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.deliveries.some((one) => one.state === "pending")) ? AGAIN_MS : false,
  });

const of = (id: string) => ({ params: { path: { webhook_id: id } } });

/** The secret is in this answer, and never again in another one. */
export const createWebhook = (body: NewWebhookBody) => told<WebhookSecretBody>(api.POST("/webhooks", { body }));

export const changeWebhook = (id: string, body: WebhookChangeBody) =>
  told<WebhookBody>(api.PATCH("/webhooks/{webhook_id}", { ...of(id), body }));

export const deleteWebhook = (id: string) => told<unknown>(api.DELETE("/webhooks/{webhook_id}", of(id)));

export const rotateSecret = (id: string) => told<WebhookSecretBody>(api.POST("/webhooks/{webhook_id}/secret", of(id)));

export const testWebhook = (id: string) => told<DeliveryBody>(api.POST("/webhooks/{webhook_id}/test", of(id)));

/** Again, with the same id. */
export const replayDelivery = (id: string, delivery: string) =>
  told<DeliveryBody>(
    api.POST("/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", {
      params: { path: { webhook_id: id, delivery_id: delivery } },
    }),
  );

/** Again all that has failed of what happened since a time. */
export const replayFailed = (id: string, since: Date) =>
  told<ReplayedBody>(api.POST("/webhooks/{webhook_id}/replay", { ...of(id), body: { since: since.toISOString() } }));
