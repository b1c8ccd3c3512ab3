package dev.caravan.capability.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.capability.webhooks.AddressGuard.ForbiddenAddressException;
import dev.caravan.deploy.Manifests;
import dev.caravan.platform.settings.Network;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** URLs that try to reach internal services. */
class AddressGuardTest {

    private static final WebhookUrl URL = WebhookUrl.of("https://hooks.example.com/in");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.1.2.3",
                "100.64.0.1",
                "100.100.100.200",
                "100.127.255.255",
                "127.0.0.1",
                "127.255.255.254",
                "168.63.129.16",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.192",
                "192.0.2.1",
                "192.88.99.1",
                "192.168.1.1",
                "198.18.0.1",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::127.0.0.1",
                "::ffff:127.0.0.1",
                "::ffff:7f00:1",
                "64:ff9b::7f00:1",
                "64:ff9b:1::a00:1",
                "100::1",
                "2001::1",
                "2001:db8::1",
                "2002:7f00:1::",
                "fc00::1",
                "fd00:ec2::254",
                "fe80::1",
                "fec0::1",
                "ff02::1",
            })
    void anAddressThatIsNotPublicIsRefused(String address) {
        assertThatThrownBy(() -> guard(List.of(), address).addresses(URL))
                .isInstanceOf(ForbiddenAddressException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "100.63.255.255",
                "100.128.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "223.255.255.255",
                "2606:4700::1111",
                "2a00::1"
            })
    void aPublicAddressMayBeCalled(String address) throws Exception {
        assertThat(guard(List.of(), address).addresses(URL)).containsExactly(InetAddress.getByName(address));
    }

    @Test
    void rejectsAHostWithOneForbiddenAddress() {
        assertThatThrownBy(() -> guard(List.of(), "1.1.1.1", "10.0.0.1").addresses(URL))
                .isInstanceOf(ForbiddenAddressException.class)
                .hasMessage("hooks.example.com is not a public address");
    }

    /** The caller connects to the checked address, and the next attempt checks the new one. */
    @Test
    void checksTheAddressesOfEachLookup() throws Exception {
        Deque<String> answers = new ArrayDeque<>(List.of("1.1.1.1", "127.0.0.1"));
        AddressGuard guard =
                new AddressGuard(host -> new InetAddress[] {InetAddress.getByName(answers.pop())}, List.of());

        assertThat(guard.addresses(URL)).containsExactly(InetAddress.getByName("1.1.1.1"));
        assertThatThrownBy(() -> guard.addresses(URL)).isInstanceOf(ForbiddenAddressException.class);
        assertThat(answers).isEmpty();
    }

    @Test
    void rejectsANameForLoopback() {
        AddressGuard guard = new AddressGuard(InetAddress::getAllByName, List.of());

        assertThatThrownBy(() -> guard.addresses(WebhookUrl.of("https://localhost/")))
                .isInstanceOf(ForbiddenAddressException.class);
        assertThatThrownBy(() -> guard.addresses(WebhookUrl.of("https://[::ffff:127.0.0.1]/")))
                .isInstanceOf(ForbiddenAddressException.class);
        assertThatThrownBy(() -> guard.addresses(WebhookUrl.of("https://127.0.0.1/")))
                .isInstanceOf(ForbiddenAddressException.class);
    }

    @Test
    void allowsPlainHttpOnlyInAllowedNetworks() throws Exception {
        WebhookUrl plain = WebhookUrl.of("http://hooks.example.com/");

        assertThat(guard(List.of(Network.of("10.0.0.0/8")), "10.0.0.1").addresses(plain))
                .hasSize(1);
        assertThatThrownBy(() ->
                        guard(List.of(Network.of("10.0.0.0/8")), "1.1.1.1").addresses(plain))
                .hasMessage("hooks.example.com is called by HTTPS only");
        assertThatThrownBy(() ->
                        guard(List.of(Network.of("10.0.0.0/9")), "10.128.0.1").addresses(plain))
                .hasMessage("hooks.example.com is not a public address");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://2130706433/",
                "https://0x7f000001/",
                "https://0x7f.0.0.1/",
                "https://0177.0.0.1/",
                "https://127.1/",
                "https://127.0.0.1./",
                "https://127.0.0.256/",
                "https://example.com@127.0.0.1/",
                "https://user:password@example.com/",
                "https://example.com#@127.0.0.1/",
                "https://example.com\\@127.0.0.1/",
                "https://１２７.０.０.１/",
                "https://ⓛocalhost/",
                "https://[::1%25lo]/",
                "https://exa mple.com/",
                "https://example.com:0/",
                "https://example.com:99999/",
                "https:///in",
                "https:example.com",
                "//example.com/",
                "ftp://example.com/",
                "file:///etc/passwd",
                "gopher://127.0.0.1:6379/_FLUSHALL",
                "https://example.com/\r\nX: 1",
                "",
            })
    void aUrlThatProgramsReadDifferentlyIsRefused(String url) {
        assertThatThrownBy(() -> WebhookUrl.of(url)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsHostPortAndPath() {
        assertThat(WebhookUrl.of("HTTPS://Hooks.Example.com"))
                .isEqualTo(new WebhookUrl("hooks.example.com", 443, true, "/"));
        assertThat(WebhookUrl.of("http://10.0.0.1:8080/in?a=b%20c"))
                .isEqualTo(new WebhookUrl("10.0.0.1", 8080, false, "/in?a=b%20c"));
        assertThat(WebhookUrl.of("https://[2606:4700::1111]/").host()).isEqualTo("[2606:4700::1111]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0", "10.0.0.0/33", "::/129", "example.com/8", "10/8x", "", "a/b", "fe80/10"})
    void rejectsInvalidNetworks(String text) {
        assertThatThrownBy(() -> Network.of(text)).isInstanceOf(IllegalArgumentException.class);
    }

    private static AddressGuard guard(List<Network> allowed, String... addresses) {
        return new AddressGuard(host -> addresses(addresses), allowed);
    }

    private static InetAddress[] addresses(String... texts) throws UnknownHostException {
        InetAddress[] addresses = new InetAddress[texts.length];
        for (int i = 0; i < texts.length; i++) {
            addresses[i] = InetAddress.getByName(texts[i]);
        }
        return addresses;
    }

    /** The network policy is a second line of defence and must cover the same networks. */
    @Test
    void networkPolicyForbidsTheSameNetworks() {
        Map<String, Object> rule = Manifests.list(
                        Manifests.map(
                                Manifests.of("production").one("CiliumNetworkPolicy", "caravan-webhooks"), "spec"),
                        "egress")
                .get(0);
        List<Network> forbidden = new ArrayList<>();
        List<Network> allowed = new ArrayList<>();
        for (Map<String, Object> set : Manifests.list(rule, "toCIDRSet")) {
            allowed.add(Network.of((String) set.get("cidr")));
            ((List<?>) set.get("except")).forEach(network -> forbidden.add(Network.of((String) network)));
        }

        assertThat(forbidden.stream().map(AddressGuardTest::text))
                .containsExactlyInAnyOrderElementsOf(AddressGuard.NOT_PUBLIC.stream()
                        .map(AddressGuardTest::text)
                        .toList());
        assertThat(allowed.stream().map(AddressGuardTest::text))
                .containsExactlyInAnyOrder("0.0.0.0/0", "2000:0:0:0:0:0:0:0/3");
    }

    private static String text(Network network) {
        try {
            return InetAddress.getByAddress(network.address()).getHostAddress() + "/" + network.bits();
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
