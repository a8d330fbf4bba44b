import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;
import org.opensearch.transport.Netty4ModulePlugin;

/**
 * One OpenSearch node in this process, on loopback, without security: RaceNode DIR.
 *
 * <p>Prints "ready", its version and its port once it answers; ends with its standard input.
 */
public final class RaceNode extends Node {
  private RaceNode(Settings settings) {
    super(
        InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "race"),
        List.of(
            new PluginInfo(
                "transport-netty4", "HTTP", Version.CURRENT.toString(), Version.CURRENT, "21",
                Netty4ModulePlugin.class.getName(), null, List.of(), false)),
        true);
  }

  public static void main(String[] args) throws Exception {
    Settings settings =
        Settings.builder()
            .put("path.home", args[0])
            .put("path.data", Path.of(args[0], "data").toString())
            .put("cluster.name", "race")
            .put("node.name", "race")
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("http.port", "0")
            .put("transport.port", "0")
            .put("transport.type", "netty4")
            .put("http.type", "netty4")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
    try (RaceNode node = new RaceNode(settings)) {
      node.start();
      int port =
          node.injector()
              .getInstance(HttpServerTransport.class)
              .boundAddress()
              .publishAddress()
              .getPort();
      System.out.println("ready " + Version.CURRENT + " " + port);
      while (System.in.read() >= 0) {}
    }
  }
}
