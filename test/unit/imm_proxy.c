#include "test/unit/imm_proxy.h"

#include <arpa/inet.h>
#include <check.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int
loopback_socket(uint16_t *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	if (ret_port)
		*ret_port = ntohs(address.sin_port);
	return fd;
}

static int
proxy_from_imm(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct proxy_client *client = userdata;
	struct proxy *proxy = client->proxy;
	uint8_t data[512];
	ssize_t n = recv(fd, data, sizeof(data), 0);
	size_t length = (size_t)n;

	(void)source;
	(void)events;
	if (n < 0)
		return 0; /* ECONNREFUSED while the IMM is down */
	if (proxy->from_imm && !proxy->from_imm(proxy, data, &length))
		return 0;
	if (proxy->hold) {
		ck_assert_uint_lt(proxy->held_count, PROXY_HELD);
		memcpy(proxy->held[proxy->held_count].data, data, length);
		proxy->held[proxy->held_count].length = length;
		proxy->held[proxy->held_count++].to = client->address;
		return 0;
	}
	(void)!sendto(proxy->front, data, length, 0, (struct sockaddr *)&client->address, sizeof(client->address));
	return 0;
}

static struct proxy_client *
proxy_client(struct proxy *proxy, const struct sockaddr_in *address)
{
	struct proxy_client *client;

	for (unsigned i = 0; i < PROXY_CLIENTS; i++)
		if (proxy->clients[i].proxy && memcmp(&proxy->clients[i].address, address, sizeof(*address)) == 0)
			return &proxy->clients[i];
	client = &proxy->clients[proxy->next++ % PROXY_CLIENTS];
	if (client->proxy) {
		sd_event_source_disable_unref(client->source);
		close(client->back);
	}
	client->proxy = proxy;
	client->address = *address;
	client->back = loopback_socket(NULL);
	ck_assert_int_eq(connect(client->back, (struct sockaddr *)&proxy->imm, sizeof(proxy->imm)), 0);
	ck_assert_int_ge(
		sd_event_add_io(proxy->event, &client->source, client->back, EPOLLIN, proxy_from_imm, client), 0);
	return client;
}

static int
proxy_to_imm(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct proxy *proxy = userdata;
	struct sockaddr_in from;
	socklen_t from_length = sizeof(from);
	uint8_t data[512];
	ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &from_length);
	size_t length = (size_t)n;

	(void)source;
	(void)events;
	if (n < 6)
		return 0;
	memset(from.sin_zero, 0, sizeof(from.sin_zero));
	proxy->last = from;
	proxy->opens += data[4] == 6 && data[5] == 0x10;
	proxy->rakp1s += data[4] == 6 && data[5] == 0x12;
	proxy->requests += data[4] == 6 && data[5] == 0xc0;
	if (!proxy->to_imm || proxy->to_imm(proxy, data, &length))
		(void)!send(proxy_client(proxy, &from)->back, data, length, 0);
	return 0;
}

void
proxy_open(struct proxy *proxy, sd_event *event, uint16_t imm_port)
{
	memset(proxy, 0, sizeof(*proxy));
	proxy->event = event;
	proxy->imm = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(imm_port)
	};
	proxy->front = loopback_socket(&proxy->port);
	ck_assert_int_ge(sd_event_add_io(event, &proxy->source, proxy->front, EPOLLIN, proxy_to_imm, proxy), 0);
}

void
proxy_close(struct proxy *proxy)
{
	sd_event_source_disable_unref(proxy->source);
	close(proxy->front);
	for (unsigned i = 0; i < PROXY_CLIENTS; i++) {
		if (proxy->clients[i].proxy) {
			sd_event_source_disable_unref(proxy->clients[i].source);
			close(proxy->clients[i].back);
		}
	}
}

void
proxy_forge(struct proxy *proxy, const void *data, size_t length)
{
	(void)!sendto(proxy->front, data, length, 0, (struct sockaddr *)&proxy->last, sizeof(proxy->last));
}

void
proxy_release(struct proxy *proxy)
{
	proxy->hold = false;
	for (unsigned i = 0; i < proxy->held_count; i++)
		(void)!sendto(proxy->front, proxy->held[i].data, proxy->held[i].length, 0,
			(struct sockaddr *)&proxy->held[i].to, sizeof(proxy->held[i].to));
	proxy->held_count = 0;
}
